import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { LinkButton } from '@grafana/ui';
import React from 'react';
import { useParams } from 'react-router';

import { Column } from '../../components/Layout';
import { Empty } from '../../components/States';
import { instanceIdOf, UnknownInstance } from '../../components/UnknownInstance';
import { useInstance } from '../../data/hooks';
import { links } from '../../links';
import { Forecast } from './Forecast';
import { History } from './History';
import { LatestState } from './LatestState';
import { Periods } from './Periods';
import { useDatabase } from './useDatabase';

/** One database: how large it is, how it got there, where it is going. */
const Database = () => {
  const { instanceId, databaseName = '' } = useParams();
  const id = instanceIdOf(instanceId);
  return id === null ? (
    <UnknownInstance id={instanceId ?? ''} />
  ) : (
    <OnInstance instanceId={id} databaseName={databaseName} />
  );
};

interface DatabaseProps {
  readonly instanceId: number;
  readonly databaseName: string;
}

const OnInstance = (database: DatabaseProps) => {
  const { instanceId: id, databaseName } = database;
  const { data: instance, error } = useInstance(id);
  const { row } = useDatabase(id, databaseName);
  if (error?.status === 404) return <UnknownInstance id={String(id)} />;
  return (
    <PluginPage
      pageNav={{
        text: databaseName,
        parentItem: {
          text: instance?.name ?? '…',
          url: links.instance(id),
          parentItem: { text: t('instances.title', 'Instances'), url: links.instances() },
        },
      }}
    >
      {row === null ? (
        <Empty
          message={t('database.unknown', 'This database has never been measured')}
          button={
            <LinkButton icon="arrow-left" href={links.instance(id)}>
              {t('database.unknown-back', 'Databases of the instance')}
            </LinkButton>
          }
        />
      ) : (
        <Column>
          <LatestState {...database} />
          <History {...database} />
          <Forecast {...database} />
          <Periods {...database} />
        </Column>
      )}
    </PluginPage>
  );
};

export default Database;
