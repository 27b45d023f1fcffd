/**
 * One growing number instead of semantic versions: the console can ask "does this agent know X?" by comparing integers.
 *
 * History, newest first:
 * - 2 (2026-11): commands to an agent, and its log on demand.
 * - 1 (2026-11): enrolment, chain, peer API and MQTT catalogue of the first release.
 */
export const PROTOCOL_VERSION = 2;

/** The oldest peer this build still talks to. */
export const OLDEST_PROTOCOL_VERSION = 1;
