import { expect, test } from 'vitest';
import { BrokerUrl } from './broker-url.ts';

test.each([
  { text: 'mqtts://mqtt.example.com:8883', url: 'mqtts://mqtt.example.com:8883' },
  { text: 'mqtts://mqtt.example.com', url: 'mqtts://mqtt.example.com:8883' },
  { text: 'mqtts://10.0.0.9:1884/', url: 'mqtts://10.0.0.9:1884' },
  { text: 'mqtts://[fd00::9]:8883', url: 'mqtts://[fd00::9]:8883' },
  { text: 'mqtt://mqtt.example.com:1883', url: undefined },
  { text: 'mqtts://', url: undefined },
  { text: 'mqtts://user:secret@mqtt.example.com', url: undefined },
  { text: 'mqtts://mqtt.example.com/path', url: undefined },
  { text: 'mqtts://mqtt.example.com?x=1', url: undefined },
  { text: 'mqtt.example.com', url: undefined },
])('$text is $url', ({ text, url }) => expect(BrokerUrl.safeParse(text).data).toBe(url));
