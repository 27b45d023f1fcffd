/** How tests and screenshots start the browser that bootstrap found: nothing of it speaks to anyone but the page under test. */
export const launchOptions = {
  executablePath: process.env.HARP_TEST_BROWSER ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
