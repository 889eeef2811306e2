/** What stands in the place of a screen: while its code comes, when it threw, when there is none at the path. */
import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { Empty, Failed, Loading } from "../kit/states";
import { Link } from "../url/link";
import { paths } from "../url/paths";

export function RoutePending() {
  return <Loading what="the screen" />;
}

export function RouteFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    return router.invalidate();
  };
  const reason = error instanceof Error ? error : new Error(String(error));
  return <Failed what="This screen" error={reason} retry={again} />;
}

export function RouteNotFound() {
  return (
    <Empty title="There is no screen at this address">
      <Link to={paths.overview()} className="text-accent underline">
        Go to the overview
      </Link>
    </Empty>
  );
}
