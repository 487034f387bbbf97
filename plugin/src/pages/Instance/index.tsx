import { css } from '@emotion/css';
import type { NavModelItem } from '@grafana/data';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Stack } from '@grafana/ui';
import React, { type ComponentType } from 'react';
import { useParams } from 'react-router';

import { engineName } from '../../components/engines';
import { Labels } from '../../components/Labels';
import { Failure } from '../../components/States';
import { StatusBadge } from '../../components/StatusBadge';
import { instanceIdOf, UnknownInstance } from '../../components/UnknownInstance';
import type { Instance as InstanceData } from '../../data';
import { useInstance } from '../../data/hooks';
import { formatAgo, formatBytes } from '../../format';
import { links, type InstanceTab } from '../../links';
import { CollectionsTab } from './CollectionsTab';
import { FilesTab } from './FilesTab';
import { RunButton } from './RunButton';
import { StatisticsTab } from './StatisticsTab';
import { StorageTab } from './StorageTab';

const tabs: Readonly<Record<InstanceTab, ComponentType<{ readonly instanceId: number }>>> = {
  storage: StorageTab,
  statistics: StatisticsTab,
  files: FilesTab,
  collections: CollectionsTab,
};

const tabNames = ['storage', 'statistics', 'files', 'collections'] as const;

/** One server: its storage, statistics, files and the history of its collections. */
const Instance = () => {
  const { instanceId } = useParams();
  const id = instanceIdOf(instanceId);
  return id === null ? <UnknownInstance id={instanceId ?? ''} /> : <KnownInstance id={id} />;
};

const KnownInstance = ({ id }: { readonly id: number }) => {
  const { tab: wanted } = useParams();
  const tab = tabNames.find((name) => name === wanted) ?? 'storage';
  const { data: instance, error } = useInstance(id);
  const Tab = tabs[tab];
  if (error?.status === 404) return <UnknownInstance id={String(id)} />;
  return (
    <PluginPage
      pageNav={navigation(id, tab, instance)}
      subTitle={instance === undefined ? undefined : <Subtitle instance={instance} />}
      info={instance === undefined ? [] : figures(instance)}
      actions={instance !== undefined && <RunButton instance={instance} />}
    >
      {error === null ? <Tab key={tab} instanceId={id} /> : <Failure error={error} />}
    </PluginPage>
  );
};

function navigation(id: number, tab: InstanceTab, instance: InstanceData | undefined): NavModelItem {
  const texts = {
    storage: t('instance.storage', 'Storage'),
    statistics: t('instance.statistics', 'Statistics'),
    files: t('instance.files', 'Files and volumes'),
    collections: t('instance.collections', 'Collections'),
  };
  return {
    text: instance?.name ?? '…',
    parentItem: { text: t('instances.title', 'Instances'), url: links.instances() },
    children: tabNames.map((one) => ({
      text: texts[one],
      url: links.instance(id, one),
      active: one === tab,
    })),
  };
}

/** Names of hosts are long and have no spaces to break at. */
const breaking = css({ minWidth: 0, overflowWrap: 'anywhere' });

const Subtitle = ({ instance }: { readonly instance: InstanceData }) => (
  <Stack gap={0} direction="column">
    <span className={breaking}>
      {instance.server_version ?? engineName(instance.engine)} · {instance.host}:{instance.port}
      {instance.owner !== null && ` · ${instance.owner}`}
    </span>
    <Labels isWhole labels={instance.labels} />
  </Stack>
);

function figures({ total_size_bytes: total, last_collection: last }: InstanceData) {
  return [
    { label: t('instance.total', 'Total database size'), value: formatBytes(total) },
    {
      label: t('instance.last', 'Last collection'),
      value: (
        <Stack gap={1} alignItems="center">
          <StatusBadge status={last?.status ?? 'never'} tooltip={last?.error_message ?? undefined} />
          {last !== null && formatAgo(last.finished_at)}
        </Stack>
      ),
    },
  ];
}

export default Instance;
