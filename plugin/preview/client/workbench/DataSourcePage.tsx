import type { DataSourceSettings } from '@grafana/data';
import { getBackendSrv, getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, Stack } from '@grafana/ui';
import React, { useEffect, useState, type ComponentType } from 'react';
import { useParams } from 'react-router-dom';

import { loadDataSourcePlugin, type AnyDataSourcePlugin } from '../services/plugins';
import { PluginPage } from '../shell/PluginPage';

interface Health {
  readonly status: string;
  readonly message: string;
}

/** Grafana's form of a data source: the plugin's own fields, and "Save & test". */
export const DataSourcePage = () => {
  const { uid = '' } = useParams();
  const [settings, setSettings] = useState<DataSourceSettings>();
  const [plugin, setPlugin] = useState<AnyDataSourcePlugin>();
  const [health, setHealth] = useState<Health>();

  useEffect(() => {
    void (async () => {
      const loaded = await getBackendSrv().get<DataSourceSettings>(`/api/datasources/uid/${uid}`);
      setPlugin(await loadDataSourcePlugin(loaded.type));
      setSettings(loaded);
    })();
  }, [uid]);

  const saveAndTest = async () => {
    setHealth(undefined);
    const { datasource } = await getBackendSrv().put<{ datasource: DataSourceSettings }>(
      `/api/datasources/uid/${uid}`,
      settings,
    );
    setSettings(datasource);
    await getDataSourceSrv().reload();
    const source = await getDataSourceSrv().get(uid);
    try {
      setHealth((await source.testDatasource()) as Health);
    } catch (error) {
      setHealth({ status: 'error', message: error instanceof Error ? error.message : String(error) });
    }
  };

  const Editor = plugin?.components.ConfigEditor as ComponentType<Record<string, unknown>> | undefined;
  return (
    <PluginPage pageNav={{ text: settings?.name ?? uid, subTitle: 'Data source' }}>
      {settings !== undefined && Editor !== undefined && (
        <Stack direction="column">
          <Editor options={settings} onOptionsChange={setSettings} />
          <div>
            <Button onClick={() => void saveAndTest()}>Save &amp; test</Button>
          </div>
          {health !== undefined && (
            <Alert severity={health.status === 'success' ? 'success' : 'error'} title={health.message} />
          )}
        </Stack>
      )}
    </PluginPage>
  );
};
