import { z } from 'zod';

/** Where a broker listens whose address names no port (IANA: secure-mqtt). */
const MQTTS_PORT = 8883;

/** Address of an MQTT broker over TLS: `mqtts://host:port` and no more. The port may be left out and is there afterwards. */
export const BrokerUrl = z
  .string()
  .max(300)
  .transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isPlain =
      url !== undefined && url.username === '' && url.search === '' && url.hash === '' && /^\/?$/.test(url.pathname);
    if (url?.protocol !== 'mqtts:' || url.hostname === '' || !isPlain) {
      context.addIssue({ code: 'custom', message: 'it must be such as mqtts://mqtt.example.com:8883' });
      return z.NEVER;
    }
    return `mqtts://${url.hostname}:${url.port === '' ? MQTTS_PORT : url.port}`;
  });
