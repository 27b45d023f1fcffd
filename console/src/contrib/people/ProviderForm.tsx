'use client';
import { useQueryClient } from '@tanstack/react-query';
import { roles } from '../../api/access-rules.ts';
import { ask } from '../../api/client.ts';
import { SignInProvider } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { signInWaysQuery } from '../../session/ways-query.ts';
import { type FieldSpec, Fields } from '../../ui/Fields.tsx';
import { peopleText } from './messages.ts';
import { providersQuery } from './queries.ts';
import { signInText } from './sign-in-messages.ts';

export interface ProviderFormProps {
  consoleOrigin: string;
  /** The one that is changed; another one when there is none. */
  provider?: SignInProvider;
  done?(): void;
}

/** What an owner enters of a provider. The secret is written and never read. */
export function ProviderForm({ consoleOrigin, provider, done }: ProviderFormProps) {
  const text = useText();
  const client = useQueryClient();
  const kinds = [
    { value: 'oidc', label: text(signInText.oidc) },
    { value: 'nextcloud', label: text(signInText.nextcloud) },
  ];
  const short: FieldSpec = {
    name: 'id',
    label: text(signInText.id),
    hint: text(signInText.idHint, { address: `${consoleOrigin}/sign-in/back/` }),
    autoComplete: 'off',
    maxLength: 30,
  };
  const fields: FieldSpec[] = [
    { name: 'name', label: text(signInText.name), initial: provider?.name ?? '', autoComplete: 'off', maxLength: 40 },
    ...(provider === undefined ? [short] : []),
    {
      name: 'kind',
      label: text(signInText.kind),
      initial: provider?.kind ?? 'oidc',
      choices: provider === undefined ? kinds : kinds.filter(({ value }) => value === provider.kind),
    },
    {
      name: 'url',
      label: text(signInText.url),
      hint: text(signInText.urlHint),
      initial: provider?.url ?? '',
      autoComplete: 'off',
      maxLength: 500,
    },
    {
      name: 'clientId',
      label: text(signInText.clientId),
      initial: provider?.clientId ?? '',
      autoComplete: 'off',
      maxLength: 500,
    },
    {
      name: 'clientSecret',
      label: text(signInText.clientSecret),
      type: 'password',
      autoComplete: 'off',
      maxLength: 2000,
      ...(provider === undefined ? {} : { optional: true, hint: text(signInText.secretHint) }),
    },
    {
      name: 'enabled',
      label: text(signInText.state),
      initial: provider?.enabled === false ? 'no' : 'yes',
      choices: [
        { value: 'yes', label: text(signInText.enabled) },
        { value: 'no', label: text(signInText.disabled) },
      ],
    },
    {
      name: 'admitGroup',
      label: text(signInText.admitGroup),
      hint: text(signInText.admitHint),
      initial: provider?.admitGroup ?? '',
      autoComplete: 'off',
      optional: true,
    },
    {
      name: 'admitRole',
      label: text(signInText.admitRole),
      initial: provider?.admitRole ?? 'viewer',
      choices: roles.filter((role) => role !== 'owner').map((role) => ({ value: role, label: text(peopleText[role]) })),
    },
    {
      name: 'groupsClaim',
      label: text(signInText.groupsClaim),
      initial: provider?.groupsClaim ?? 'groups',
      autoComplete: 'off',
    },
    {
      name: 'scopes',
      label: text(signInText.scopes),
      initial: provider?.scopes ?? 'openid profile email',
      autoComplete: 'off',
    },
    {
      name: 'caPem',
      label: text(signInText.caPem),
      hint: text(signInText.caHint),
      initial: provider?.caPem ?? '',
      optional: true,
      lines: 3,
      maxLength: 20_000,
    },
  ];
  const submit = async (values: Readonly<Record<string, string>>) => {
    const { id, enabled, admitGroup = '', admitRole, caPem = '', clientSecret = '', ...plain } = values;
    const group = admitGroup.trim();
    const body = {
      ...plain,
      enabled: enabled === 'yes',
      admitGroup: group === '' ? null : group,
      admitRole: group === '' ? null : admitRole,
      caPem: caPem.trim() === '' ? null : caPem,
      ...(clientSecret === '' ? {} : { clientSecret }),
      ...(provider === undefined ? { id } : {}),
    };
    const path =
      provider === undefined ? '/sign-in-providers' : `/sign-in-providers/${encodeURIComponent(provider.id)}`;
    await ask(SignInProvider, path, { method: provider === undefined ? 'POST' : 'PUT', body });
    await client.invalidateQueries({ queryKey: providersQuery.queryKey });
    await client.invalidateQueries({ queryKey: signInWaysQuery.queryKey });
    done?.();
  };
  return (
    <Fields
      action={text(provider === undefined ? signInText.addAction : signInText.save)}
      fields={fields}
      submit={submit}
    />
  );
}
