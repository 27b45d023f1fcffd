/** What the first level of the fleet tree is. Offices stand below regions; agents below everything. */
export const groupings = ['region', 'office', 'version', 'state'] as const;
export type Grouping = (typeof groupings)[number];
