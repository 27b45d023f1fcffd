/** What is run on PCs to enrol them, exactly as it works today. Pure. */
import type { EnrolmentServer } from '../../api/schemas.ts';

/** What is shown for one way. */
export const deployKinds = ['linux', 'powershell', 'file', 'test'] as const;
export type DeployKind = (typeof deployKinds)[number];

/** Stands where the token is not known any more. */
export const TOKEN_PLACE = 'TOKEN';

/** Commands, or the file, for one way. `token` is as the server made it, or TOKEN_PLACE: nothing of it needs quoting, it is quoted all the same. */
export function deployText(kind: DeployKind, token: string, server: EnrolmentServer): string {
  switch (kind) {
    case 'linux':
      return [
        `sudo harp-agent enrol --token '${token}' --state /var/lib/harp`,
        'sudo harp-agent run --state /var/lib/harp --files /srv/harp',
      ].join('\n');
    case 'powershell':
      return [
        `$env:HARP_TOKEN = '${token}'`,
        'harp-agent enrol --state "$env:ProgramData\\Harp"',
        'Remove-Item Env:HARP_TOKEN',
        'harp-agent run --state "$env:ProgramData\\Harp" --files "$env:PUBLIC\\Harp"',
      ].join('\n');
    case 'file':
      return JSON.stringify({ gateway: server.gatewayUrl, fingerprint: server.fingerprint, token }, null, 2);
    case 'test':
      return testText(server);
  }
}

/** In a shell first, in PowerShell below: whoever stands at a PC knows which it is. */
function testText({ gatewayUrl, mqttUrl }: EnrolmentServer): string {
  const [gateway, mqtt] = [new URL(gatewayUrl), new URL(mqttUrl)];
  // URL drops a port that is its protocol's own.
  const gatewayPort = gateway.port === '' ? '443' : gateway.port;
  const host = gateway.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = (port: string) =>
    `openssl s_client -connect ${gateway.hostname}:${port} </dev/null 2>/dev/null | openssl x509 -noout -issuer`;
  return [
    '# Linux, macOS',
    `getent hosts ${host} || dscacheutil -q host -a name ${host}`,
    tls(gatewayPort),
    tls(mqtt.port),
    '# PowerShell',
    `Test-NetConnection ${host} -Port ${gatewayPort}`,
    `Test-NetConnection ${host} -Port ${mqtt.port}`,
  ].join('\n');
}
