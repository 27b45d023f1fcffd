import { expect, test } from 'vitest';
import { createLogCleaner } from './log-clean.ts';

const clean = createLogCleaner({
  places: [
    ['/srv/harp/files', '<files>'],
    ['/srv/harp', '<state>'],
    ['/home/ann', '<home>'],
    ['C:\\Users\\Ann\\Harp', '<files>'],
    ['/', '<root>'],
  ],
  secrets: ['aB3dE5fG7hJ9kL1', 'x', ''],
});

test.each([
  [
    'a file of a folder',
    "ENOENT, open '/srv/harp/files/Plans/Ground floor.dwg'",
    "ENOENT, open '<files>/Plans/Ground floor.dwg'",
  ],
  ['the files folder itself', '/srv/harp/files', '<files>'],
  ['a file of the state folder', "open '/srv/harp/identity/agent.key'", "open '<state>/identity/agent.key'"],
  ['a neighbour of the state folder', "stat '/srv/harpoon/a/b'", "stat '…/b'"],
  ['the home folder', "open '/home/ann/Desktop/list.txt'", "open '<home>/Desktop/list.txt'"],
  ['somebody else’s home, with spaces', "open '/home/o k/My Documents/list.txt'", "open '…/list.txt'"],
  ['two paths', "rename '/mnt/a/b' -> '/mnt/a/c'", "rename '…/b' -> '…/c'"],
  ['a path without quotes', 'no space on /dev/sda1, really', 'no space on …/sda1, really'],
  ['a path behind a colon', 'dir:/etc/harp/x', 'dir:…/x'],
  ['a path that is all', '/mnt/data/My Documents/x.txt', '…/x.txt'],
  ['Windows', "EPERM, open 'C:\\Users\\Ann\\Harp\\Plans\\a.dwg'", "EPERM, open '<files>\\Plans\\a.dwg'"],
  ['another drive', "EPERM, open 'D:\\Private\\a b.txt'", "EPERM, open '…/a b.txt'"],
  ['a Windows share', "open '\\\\server\\share\\x.txt'", "open '…/x.txt'"],
  ['a share’s token', 'the share aB3dE5fG7hJ9kL1 is gone', 'the share … is gone'],
  ['the address of a share', 'GET https://cloud.example/s/zzz failed', 'GET https://cloud.example/… failed'],
])('%s', (_, text, shown) => {
  expect(clean(text)).toBe(shown);
  expect(clean(shown)).toBe(shown);
});

test.each([
  'Photos (1)/Menü/a.jpg',
  'and/or',
  'a file was not moved',
  'mqtts://harp.example:8422',
  'text',
  '10.0.0.1:8424',
  '/',
])('%j stays', (text) => expect(clean(text)).toBe(text));
