import { DavError, forbidden } from './errors.ts';

/** Longest name in UTF-8 bytes on servers from 30 on, and of most file systems. */
const longestNameBytes = 250;

const invalidPath = (message: string) =>
  new DavError(400, 'OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath', message);

/** Refuses names that Nextcloud refuses (api.md 4.5). @throws {DavError} 400, 403 or 423. */
export function checkName(name: string, major: number): void {
  if (name === '.' || name === '..') throw invalidPath('Dot files are not allowed');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (/[\\\u0000-\u001f]/.test(name)) throw invalidPath('File name contains at least one invalid character');
  if (Buffer.byteLength(name) > longestNameBytes) throw invalidPath('File name is too long');
  if (name.toLowerCase() === '.htaccess') throw forbidden();
  if (name.toLowerCase().endsWith('.part')) {
    throw major >= 30
      ? invalidPath('".part" is a forbidden file or folder name.')
      : new DavError(423, 'OCA\\DAV\\Connector\\Sabre\\Exception\\FileLocked', `"${name}" is locked`);
  }
}
