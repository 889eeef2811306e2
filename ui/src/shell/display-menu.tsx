/** How the page looks: its theme, and the zone of its times. */
import { SunMoon } from "lucide-react";
import { Button } from "../kit/button";
import { Menu, MenuChoice, MenuLine } from "../kit/menu";
import { serverClock } from "../time/clock";
import { useZone, zoneName } from "../time/zone";
import { useTheme } from "./theme";

export function DisplayMenu() {
  const [theme, setTheme] = useTheme();
  const [zone, setZone] = useZone();
  const icon = <SunMoon aria-hidden className="size-4" />;
  const name = "Theme and time zone";
  return (
    <Menu trigger={<Button look="ghost" aria-label={name} title={name} icon={icon} />}>
      <MenuChoice
        title="Theme"
        value={theme}
        onChange={setTheme}
        options={[
          { value: "system", word: "System" },
          { value: "light", word: "Light" },
          { value: "dark", word: "Dark" },
        ]}
      />
      <MenuLine />
      <MenuChoice
        title="Times"
        value={zone}
        onChange={setZone}
        options={[
          { value: "local", word: "Local", note: zoneName("local", serverClock.now()) },
          { value: "utc", word: "UTC" },
        ]}
      />
    </Menu>
  );
}
