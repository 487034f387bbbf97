import { t } from '@grafana/i18n';
import { locationService } from '@grafana/runtime';
import { Button } from '@grafana/ui';
import React from 'react';

import type { Instance } from '../../data';
import { usePermissions, useStartCollection } from '../../data/hooks';
import { links } from '../../links';

/** Measures the instance now, and shows the run; not one of the demonstration, which is no server. */
export const RunButton = ({ instance }: { readonly instance: Instance }) => {
  const { canRun } = usePermissions();
  const start = useStartCollection();
  if (!canRun || !instance.active) return null;
  const isMadeUp = instance.source === 'demonstration';
  return (
    <Button
      size="sm"
      variant={start.error === null ? 'secondary' : 'destructive'}
      icon={start.isPending ? 'spinner' : 'play'}
      disabled={isMadeUp || start.isPending}
      tooltip={
        isMadeUp
          ? t('instance.made-up', 'This instance is made up for the demonstration: there is no server to measure.')
          : start.error?.message
      }
      onClick={() =>
        start.mutate(
          { instance: instance.name },
          { onSuccess: (session) => locationService.push(links.collection(session.id)) },
        )
      }
    >
      {t('instance.run', 'Measure now')}
    </Button>
  );
};
