/** Finds a Chrome or Chromium for the browser tests: one that is there, else Debian's when root on Debian, else a sentence on what to install. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const known = [
  process.env.HARP_TEST_BROWSER,
  process.env.CHROME_PATH,
  // The same engine without windows: a fifth less processor time.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Path of a browser; exits with what to install when there is none and none can be installed. */
export async function ensureBrowser(say, run) {
  const found = known.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (found !== undefined) return found;
  const debian = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
  if (debian) {
    say('installing Chromium from Debian (needed once for the browser tests) …');
    await run('apt-get', ['update', '-qq']);
    for (const name of ['chromium-headless-shell', 'chromium']) {
      await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
        DEBIAN_FRONTEND: 'noninteractive',
      });
      if (existsSync(`/usr/bin/${name}`)) return `/usr/bin/${name}`;
    }
  }
  const hint =
    spawnSync('uname', []).stdout?.toString().trim() === 'Linux'
      ? 'Install Chromium (Debian, Ubuntu: apt-get install chromium)'
      : 'Install Google Chrome';
  say(`no Chrome or Chromium found, and the browser tests need one. ${hint}, or set CHROME_PATH to one.`);
  process.exit(1);
}
