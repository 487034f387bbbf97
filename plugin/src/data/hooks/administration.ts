import {
  changeCredential,
  createCredential,
  deleteCredential,
  listCredentials,
  type CredentialInput,
} from '../resources/credentials';
import { getRepository, listPartitions } from '../resources/repository';
import { getFacets, getMe, listAudit, listEngines, listJobs, type AuditQuery } from '../resources/service';
import { changeSettings, listSettings, type SettingName, type SettingValue } from '../resources/settings';
import { createToken, listTokens, revokeToken, type NewToken } from '../resources/tokens';
import { useApi, useApiMutation } from './useApi';

interface Enabled {
  readonly enabled?: boolean;
}

export const useMe = () => useApi(['me'], getMe);

export const useEngines = () => useApi(['engines'], listEngines);

export const useFacets = () => useApi(['facets'], getFacets);

export const useJobs = () => useApi(['jobs'], listJobs);

export const useSettings = () => useApi(['settings'], listSettings);

export const useChangeSettings = () =>
  useApiMutation(
    (client, changes: Partial<Record<SettingName, SettingValue>>) => changeSettings(client, changes),
    ['settings', 'jobs', 'audit', 'partitions'],
  );

export const useAudit = (query: AuditQuery) =>
  useApi(['audit', query], (client, signal) => listAudit(client, query, signal), { keepPrevious: true });

export const useTokens = () => useApi(['tokens'], listTokens);

export const useCreateToken = () =>
  useApiMutation((client, token: NewToken) => createToken(client, token), ['tokens', 'audit']);

export const useRevokeToken = () =>
  useApiMutation((client, id: number) => revokeToken(client, id), ['tokens', 'audit']);

export const useCredentials = ({ enabled = true }: Enabled = {}) =>
  useApi(['credentials'], listCredentials, { enabled });

export const useCreateCredential = () =>
  useApiMutation(
    (client, credential: CredentialInput) => createCredential(client, credential),
    ['credentials', 'audit'],
  );

export const useChangeCredential = () =>
  useApiMutation(
    (client, { id, changes }: { id: number; changes: Partial<CredentialInput> }) =>
      changeCredential(client, id, changes),
    ['credentials', 'audit'],
  );

export const useDeleteCredential = () =>
  useApiMutation((client, id: number) => deleteCredential(client, id), ['credentials', 'audit']);

export const usePartitions = () => useApi(['partitions'], listPartitions);

export const useRepository = () => useApi(['repository'], getRepository);
