/** Puts a text on the clipboard. False where a browser does not let a page do that: pages that came without TLS may not. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
