import { config } from '@grafana/runtime';

import { useMe } from './administration';

/** What the user may do: Grafana's role opens the route, the token's role opens the door behind it. */
export interface Permissions {
  /** Run a collection, test a connection. */
  readonly canRun: boolean;
  /** Change instances, credentials, settings and tokens. */
  readonly canAdminister: boolean;
}

export function usePermissions(): Permissions {
  const role = useMe().data?.role;
  const user = config.bootData.user;
  const isAdmin = user.isGrafanaAdmin || user.orgRole === 'Admin';
  const isEditor = isAdmin || user.orgRole === 'Editor';
  return {
    canRun: isEditor && (role === 'admin' || role === 'owner'),
    canAdminister: isAdmin && role === 'admin',
  };
}
