import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import React from 'react';
import { useParams } from 'react-router';

import { Column } from '../../components/Layout';
import { useInstance } from '../../data/hooks';
import { links } from '../../links';
import { Forecast } from './Forecast';
import { History } from './History';
import { LatestState } from './LatestState';
import { Periods } from './Periods';

/** One database: how large it is, how it got there, where it is going. */
const Database = () => {
  const { instanceId = '', databaseName = '' } = useParams();
  const id = Number(instanceId);
  const instance = useInstance(id).data;
  const database = { instanceId: id, databaseName };
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
      <Column>
        <LatestState {...database} />
        <History {...database} />
        <Forecast {...database} />
        <Periods {...database} />
      </Column>
    </PluginPage>
  );
};

export default Database;
