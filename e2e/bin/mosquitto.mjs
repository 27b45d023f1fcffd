/** Finds the MQTT broker that tests run the fleet on: one that is there, else Debian's when root on Debian, else a sentence on what to install. */
import { existsSync } from 'node:fs';

const known = [
  process.env.HARP_TEST_MOSQUITTO,
  '/usr/sbin/mosquitto',
  '/usr/local/sbin/mosquitto',
  '/usr/bin/mosquitto',
  '/opt/homebrew/sbin/mosquitto',
  'C:\\Program Files\\mosquitto\\mosquitto.exe',
];
const find = () => known.find((path) => path !== undefined && path !== '' && existsSync(path));

/** Path of a Mosquitto; exits with what to install when there is none and none can be installed. */
export async function ensureMosquitto(say, run) {
  const found = find();
  if (found !== undefined) return found;
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    say('installing Mosquitto from Debian (needed once for the tests of an external broker) …');
    await run('apt-get', ['update', '-qq']);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'mosquitto'], {
      DEBIAN_FRONTEND: 'noninteractive',
    });
    const installed = find();
    if (installed !== undefined) return installed;
  }
  say(
    'no Mosquitto found, and the tests of an external MQTT broker need one. Install it (Debian, Ubuntu: apt-get install mosquitto), or set HARP_TEST_MOSQUITTO to one.',
  );
  process.exit(1);
}
