/** What a user's workbench keeps between visits, by name. */
export type StateKey = 'layout' | 'settings' | 'keybindings' | 'filters';

/** Keeps state for the user, here and on the server. Nothing that is read is trusted: whoever reads it checks it. */
export interface StatePort {
  /** What is known when the page begins. */
  read(key: StateKey): unknown;
  /** What the server has, as soon as it answers; what is known here if it does not. */
  later(key: StateKey): Promise<unknown>;
  /** Keeps a value at once in this browser and soon on the server. */
  save(key: StateKey, value: unknown): void;
}

/** The settings of the installation. */
export interface ServerSettingsPort {
  load(): Promise<unknown>;
  save(values: Readonly<Record<string, unknown>>): Promise<void>;
  /** Whether this user may change them. */
  readonly canWrite: boolean;
}
