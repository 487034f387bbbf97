import { t } from '@grafana/i18n';
import { config } from '@grafana/runtime';
import { Alert, Stack } from '@grafana/ui';
import React, { useState } from 'react';

import { useAppSettings } from '../../app/settings';
import { Section } from '../../components/Section';
import { chosenDataSource } from '../../data/hooks/connection';
import { ConnectionCheck } from './ConnectionCheck';
import { ConnectionForm } from './ConnectionForm';

/** Where the exporter is, and the token that the pages use. Grafana keeps both with the data source. */
export const Connection = () => {
  const uid = chosenDataSource(useAppSettings());
  const [saved, setSaved] = useState(0);
  const isAdmin = config.bootData.user.orgRole === 'Admin' || config.bootData.user.isGrafanaAdmin;
  return (
    <Section
      title={t('connection.title', 'Connection to the exporter')}
      description={t(
        'connection.hint',
        'The pages ask the exporter through this data source, so that the token stays on the Grafana server.',
      )}
    >
      <Stack direction="column" gap={2}>
        {isAdmin ? (
          <ConnectionForm key={uid} uid={uid} onSaved={() => setSaved((count) => count + 1)} />
        ) : (
          <Alert severity="info" title={t('connection.not-admin', 'Only an administrator of Grafana changes this')} />
        )}
        {uid !== null && <ConnectionCheck key={`${uid}/${saved}`} uid={uid} />}
      </Stack>
    </Section>
  );
};
