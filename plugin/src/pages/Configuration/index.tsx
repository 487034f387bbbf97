import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Tab, TabsBar } from '@grafana/ui';
import React from 'react';

import { chosenDataSource, useConnection } from '../../data/hooks/connection';
import { TidemarkContext } from '../../data/hooks/context';
import { Column } from '../../components/Layout';
import { useAppSettings } from '../../app/settings';
import { oneOf } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { AuditLog } from './AuditLog';
import { Connection } from './Connection';
import { Settings } from './Settings';
import { Tokens } from './Tokens';

const tabs = ['connection', 'settings', 'tokens', 'audit'] as const;
const codecs = { tab: oneOf(tabs, 'connection') };

/** The connection to the exporter, and the exporter's own settings, tokens and record of changes. */
const Configuration = () => {
  const [{ tab }, change] = useUrlState(codecs);
  const connection = useConnection(chosenDataSource(useAppSettings())).data ?? null;
  const texts = {
    connection: t('configuration.connection', 'Connection'),
    settings: t('configuration.settings', 'Settings of the exporter'),
    tokens: t('configuration.tokens', 'Tokens'),
    audit: t('configuration.audit', 'Changes'),
  };
  // Without a connection there is only one to be made.
  const shown = connection === null ? 'connection' : tab;
  return (
    <PluginPage>
      <Column>
        <TabsBar>
          {tabs.map((one) => (
            <Tab
              key={one}
              label={texts[one]}
              active={one === shown}
              onChangeTab={(event) => {
                event.preventDefault();
                change({ tab: one }, { push: true });
              }}
            />
          ))}
        </TabsBar>
        <TidemarkContext.Provider value={connection}>
          {shown === 'connection' && <Connection />}
          {shown === 'settings' && <Settings />}
          {shown === 'tokens' && <Tokens />}
          {shown === 'audit' && <AuditLog />}
        </TidemarkContext.Provider>
      </Column>
    </PluginPage>
  );
};

export default Configuration;
