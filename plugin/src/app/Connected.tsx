import { t, Trans } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Alert, LinkButton } from '@grafana/ui';
import React, { type ReactNode } from 'react';

import { Empty, Loading } from '../components/States';
import { chosenDataSource, useConnection } from '../data/hooks/connection';
import { TidemarkContext } from '../data/hooks/context';
import { links } from '../links';
import { useAppSettings } from './settings';

/** Gives the pages below the connection to the exporter, or says how to make one. */
export const Connected = ({ children }: { readonly children: ReactNode }) => {
  const uid = chosenDataSource(useAppSettings());
  const connection = useConnection(uid);

  if (uid === null) return <NoConnection />;
  if (connection.data !== undefined) {
    return <TidemarkContext.Provider value={connection.data}>{children}</TidemarkContext.Provider>;
  }
  return (
    <PluginPage>
      {connection.error === null ? (
        <Loading />
      ) : (
        <Alert severity="error" title={t('connection.failed', 'The data source cannot be loaded')}>
          {connection.error.message}
        </Alert>
      )}
    </PluginPage>
  );
};

const NoConnection = () => (
  <PluginPage>
    <Empty
      variant="call-to-action"
      message={t('connection.none', 'No exporter is connected yet')}
      button={
        <LinkButton icon="cog" href={links.configuration()}>
          {t('connection.configure', 'Connect an exporter')}
        </LinkButton>
      }
    >
      <Trans i18nKey="connection.none-hint">
        The pages read from a Tidemark exporter through a data source. An administrator gives its URL and token once.
      </Trans>
    </Empty>
  </PluginPage>
);
