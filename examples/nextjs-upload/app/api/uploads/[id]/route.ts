import { findUpload } from "@/lib/database";

export const runtime = "nodejs";

export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const upload = await findUpload(id);
  if (!upload) {
    return Response.json({ error: "not_found", message: `No upload ${id}` }, { status: 404 });
  }
  return Response.json(upload);
}
