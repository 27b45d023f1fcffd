/** The few types the tests meet. `.bin` is what Nextcloud 27 says, as recorded; `.dat` has no entry there. */
const byExtension: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  xml: 'application/xml',
  json: 'application/json',
  bin: 'application/x-bin',
  pdf: 'application/pdf',
  zip: 'application/zip',
  dwg: 'application/acad',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  jpg: 'image/jpeg',
  png: 'image/png',
  mp4: 'video/mp4',
};

/** MIME type from the file name alone, as Nextcloud does it. */
export function mimeTypeOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return (dot > 0 ? byExtension[name.slice(dot + 1).toLowerCase()] : undefined) ?? 'application/octet-stream';
}
