/** What the workshop reads of the environment. */

/** Whether the workshop is there: while the console is being built, or when it is asked for. */
export function isWorkshopOpen(variables: NodeJS.ProcessEnv = process.env): boolean {
  return variables.HARP_UI === 'dev' || variables.HARP_WORKSHOP === '1';
}
