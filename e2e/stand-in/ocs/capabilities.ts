import { createHash } from 'node:crypto';
import { type Cloud, majorOf } from '../cloud/cloud.ts';
import type { Json } from './envelope.ts';
import type { OcsCall, OcsResult, OcsRoute } from './router.ts';

/** What the server can do: a short list for strangers, the whole one for users (api.md 1.2). */
export const capabilityRoutes: readonly OcsRoute[] = [
  { method: 'GET', path: 'cloud/capabilities', access: 'public', handle: capabilities },
];

/** `27.1.10` from `27.1.10.0`. */
export function versionString(version: string): string {
  return version.split('.').slice(0, 3).join('.');
}

function capabilities({ cloud, exchange }: OcsCall): OcsResult {
  const [major = 0, minor = 0, micro = 0] = cloud.version.split('.').map(Number);
  const common = {
    bruteforce: { delay: cloud.bruteForce.delayMs(exchange.remoteAddress), 'allow-listed': !cloud.bruteForce.enabled },
    metadataAvailable: { size: ['/image\\/(png|jpeg|heif|webp|tiff)/'], gps: ['/image\\/(png|jpeg|heif|webp|tiff)/'] },
    theming: theming(exchange.baseUrl),
  };
  const forUsers = exchange.identity.kind === 'user' ? userCapabilities(cloud, exchange.baseUrl) : {};
  const data = {
    version: { major, minor, micro, string: versionString(cloud.version), edition: '', extendedSupport: false },
    capabilities: { ...common, ...forUsers },
  };
  return { data, headers: { ETag: `"${createHash('md5').update(JSON.stringify(data)).digest('hex')}"` } };
}

function theming(baseUrl: string): Json {
  const logo = `${baseUrl}/core/img/logo/logo.svg?v=0`;
  return {
    name: 'Nextcloud',
    url: 'https://nextcloud.com',
    slogan: 'a safe home for all your data',
    color: '#0082c9',
    'color-text': '#ffffff',
    'color-element': '#0082c9',
    'color-element-bright': '#0082c9',
    'color-element-dark': '#0082c9',
    logo,
    background: `${baseUrl}/apps/theming/img/background/kamil-porembinski-clouds.jpg`,
    'background-plain': false,
    'background-default': true,
    logoheader: logo,
    favicon: logo,
  };
}

function userCapabilities(cloud: Cloud, baseUrl: string): { [key: string]: Json } {
  return {
    core: {
      pollinterval: 60,
      'webdav-root': 'remote.php/webdav',
      'reference-api': true,
      'reference-regex':
        '(\\s|\\n|^)(https?:\\/\\/)((?:[-A-Z0-9+_]+\\.)+[-A-Z]+(?:\\/[-A-Z0-9+&@#%?=~_|!:,.;()]*)*)(\\s|\\n|$)',
    },
    files: {
      bigfilechunking: true,
      blacklisted_files: ['.htaccess'],
      ...(majorOf(cloud) >= 30 ? namingRules : {}),
      directEditing: {
        url: `${baseUrl}/ocs/v2.php/apps/files/api/v1/directEditing`,
        etag: '4ce473bf0dbeb3a09bb0f38e30bc31c4',
        supportsFileId: true,
      },
      comments: true,
      undelete: true,
      versioning: true,
      version_labeling: true,
      version_deletion: true,
    },
    activity: { apiv2: ['filters', 'filters-api', 'previews', 'rich-strings'] },
    ocm: {
      enabled: true,
      apiVersion: '1.0-proposal1',
      endPoint: `${baseUrl}/ocm`,
      resourceTypes: [{ name: 'file', shareTypes: ['user', 'group'], protocols: { webdav: '/public.php/webdav/' } }],
    },
    dav: { chunking: '1.0' },
    files_sharing: sharing(cloud),
    groupfolders: { hasGroupFolders: cloud.teamFolders.byId.size > 0 },
    notifications: {
      'ocs-endpoints': [
        'list',
        'get',
        'delete',
        'delete-all',
        'icons',
        'rich-strings',
        'action-web',
        'user-status',
        'exists',
      ],
      push: ['devices', 'object-data', 'delete'],
      'admin-notifications': ['ocs', 'cli'],
    },
    provisioning_api: {
      version: '1.17.0',
      AccountPropertyScopesVersion: 2,
      AccountPropertyScopesFederatedEnabled: true,
      AccountPropertyScopesPublishedEnabled: true,
    },
    user_status: { enabled: true, restore: true, supports_emoji: true },
    weather_status: { enabled: true },
  };
}

/** The four arrays of servers from 30 on. */
const namingRules: { [key: string]: Json } = {
  forbidden_filenames: ['.htaccess'],
  forbidden_filename_basenames: [],
  forbidden_filename_characters: ['\\', '/'],
  forbidden_filename_extensions: ['.part', '.filepart'],
};

function sharing({ policy }: Cloud): Json {
  const { maxExpireDays, passwordEnforced = false, outgoingFederation = true } = policy;
  return {
    api_enabled: true,
    public: {
      enabled: true,
      password: { enforced: passwordEnforced, askForOptionalPassword: false },
      expire_date:
        maxExpireDays === undefined ? { enabled: false } : { enabled: true, days: maxExpireDays, enforced: true },
      multiple_links: true,
      expire_date_internal: { enabled: false },
      expire_date_remote: { enabled: false },
      send_mail: false,
      upload: true,
      upload_files_drop: true,
    },
    resharing: true,
    user: { send_mail: false, expire_date: { enabled: true } },
    group_sharing: true,
    group: { enabled: true, expire_date: { enabled: true } },
    default_permissions: 31,
    federation: {
      outgoing: outgoingFederation,
      incoming: true,
      expire_date: { enabled: true },
      expire_date_supported: { enabled: true },
    },
    sharee: { query_lookup_default: false, always_show_unique: true },
    sharebymail: {
      enabled: true,
      send_password_by_mail: true,
      upload_files_drop: { enabled: true },
      password: { enabled: true, enforced: passwordEnforced },
      expire_date: { enabled: true, enforced: maxExpireDays !== undefined },
    },
  };
}
