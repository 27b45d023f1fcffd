import { type ErrorCode, errorCodes, HarpError } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { exitCode, explain, explanationText } from './explain.ts';

test.each<{ code: ErrorCode; message: string; exit: number; next: RegExp }>([
  { code: 'enrolment.token_expired', message: 'it expired on 2026-11-01', exit: exitCode.refused, next: /new token/ },
  { code: 'enrolment.token_used_up', message: 'it was for 5 computers', exit: exitCode.refused, next: /new token/ },
  { code: 'enrolment.token_malformed', message: 'x', exit: exitCode.refused, next: /whole token/ },
  { code: 'enrolment.ca_mismatch', message: 'x', exit: exitCode.refused, next: /TLS inspection/ },
  { code: 'enrolment.clock_skew', message: 'x', exit: exitCode.refused, next: /time zone/ },
  { code: 'enrolment.intercepted', message: 'x', exit: exitCode.refused, next: /proxy/ },
  { code: 'enrolment.already_enrolled', message: 'x', exit: exitCode.refused, next: /harp-agent run/ },
  { code: 'gateway.unreachable', message: 'x', exit: exitCode.tryLater, next: /firewall/ },
  { code: 'agent.not_enrolled', message: 'x', exit: exitCode.refused, next: /enrol/ },
  { code: 'agent.already_running', message: 'process 17 runs an agent', exit: exitCode.refused, next: /state folder/ },
  { code: 'agent.port_in_use', message: 'x', exit: exitCode.refused, next: /--peer-port/ },
  { code: 'agent.usage', message: 'x', exit: exitCode.usage, next: /--help/ },
  { code: 'disk.full', message: 'x', exit: exitCode.tryLater, next: /space/ },
])('$code → exit $exit, and says what to do', ({ code, message, exit, next }) => {
  const explanation = explain(new HarpError(code, message));
  expect(explanation).toMatchObject({ code, title: errorCodes[code].title, cause: message, exitCode: exit });
  expect(explanation.next).toMatch(next);
});

test('every code has a next step, and no explanation shows a stack', () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    const text = explanationText(explain(new HarpError(code, 'the cause')));
    expect(text).toMatch(/What to do: .{10,}/);
    expect(text).not.toMatch(/\n\s+at /);
  }
});

test('an error nobody foresaw is an unexpected one with its own words', () => {
  expect(explain(new TypeError('x is not a function'))).toMatchObject({
    code: 'internal.unexpected',
    cause: 'x is not a function',
    exitCode: exitCode.unexpected,
  });
});
