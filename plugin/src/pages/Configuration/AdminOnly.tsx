import React, { type ReactNode } from 'react';

import { QueryStates } from '../../components/QueryStates';
import { Empty } from '../../components/States';
import { useMe, usePermissions } from '../../data/hooks';

interface AdminOnlyProps {
  /** What everybody else is told. */
  readonly otherwise: string;
  readonly children: ReactNode;
}

/** For administrators with an admin token; nobody is told that they are none before that is known. */
export const AdminOnly = ({ otherwise, children }: AdminOnlyProps) => {
  const me = useMe();
  const { canAdminister } = usePermissions();
  return <QueryStates query={me}>{() => (canAdminister ? children : <Empty message={otherwise} />)}</QueryStates>;
};
