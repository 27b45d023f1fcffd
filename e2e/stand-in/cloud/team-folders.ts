/** A team folder as the groupfolders app describes it. */
export interface TeamFolder {
  readonly id: number;
  mountPoint: string;
  readonly groups: Record<string, number>;
  quotaBytes: number;
}

/** The list behind the groupfolders API. The stand-in does not mount these folders in anybody's tree. */
export class TeamFolders {
  readonly byId = new Map<number, TeamFolder>();

  create(mountPoint: string): TeamFolder {
    const folder: TeamFolder = { id: Math.max(0, ...this.byId.keys()) + 1, mountPoint, groups: {}, quotaBytes: -3 };
    this.byId.set(folder.id, folder);
    return folder;
  }
}
