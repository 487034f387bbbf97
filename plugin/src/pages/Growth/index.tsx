import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import React from 'react';

import { ChoiceButtons } from '../../components/ChoiceButtons';
import { CsvButton } from '../../components/CsvButton';
import { DaysPicker, daysCodec, fleetCodecs, FleetFilters } from '../../components/Filters';
import { Column, Toolbar } from '../../components/Layout';
import { Section } from '../../components/Section';
import type { GrowthQuery } from '../../data';
import { oneOf, wholeNumber } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';
import { GrowthTable } from './GrowthTable';
import { Occupancy } from './Occupancy';

const groups = ['database', 'instance', 'owner', 'engine', 'fleet'] as const;
const orders = ['growth', 'shrink', 'rate'] as const;
const codecs = {
  ...fleetCodecs,
  days: daysCodec,
  group_by: oneOf(groups, 'database'),
  order: oneOf(orders, 'growth'),
  offset: wholeNumber(0),
};
// The picture of the space is below the table, not two screens away.
const limit = 50;

/** What grew, what shrank, and who occupies the space. */
const Growth = () => {
  const [{ days, group_by: groupBy, order, offset, ...filters }, change] = useUrlState(codecs);
  const query: GrowthQuery = { ...filters, days, group_by: groupBy, order };
  const groupTexts = {
    database: t('group.database', 'Database'),
    instance: t('group.instance', 'Instance'),
    owner: t('group.owner', 'Owner'),
    engine: t('group.engine', 'Engine'),
    fleet: t('group.fleet', 'Fleet'),
  };
  const orderTexts = {
    growth: t('growth.most', 'Grew most'),
    shrink: t('growth.shrank', 'Shrank most'),
    rate: t('growth.rate', 'Grew fastest'),
  };
  return (
    <PluginPage>
      <Column>
        <Toolbar>
          <DaysPicker value={days} onChange={(value) => change({ days: value, offset: 0 })} />
          <FleetFilters value={filters} onChange={(changes) => change({ ...changes, offset: 0 })} />
        </Toolbar>
        <Section
          title={t('growth.title', 'Growth in {{days}} days', { days })}
          actions={
            <>
              <ChoiceButtons
                size="sm"
                aria-label={t('growth.group', 'Grouped by')}
                value={groupBy}
                onChange={(value) => change({ group_by: value, offset: 0 })}
                options={groups.map((value) => ({ value, label: groupTexts[value] }))}
              />
              <ChoiceButtons
                size="sm"
                aria-label={t('growth.order', 'Order')}
                value={order}
                onChange={(value) => change({ order: value, offset: 0 })}
                options={orders.map((value) => ({ value, label: orderTexts[value] }))}
              />
              <CsvButton path="/growth" query={{ ...query }} fileName="tidemark-growth.csv" />
            </>
          }
        >
          <GrowthTable
            query={{ ...query, limit, offset }}
            groupBy={groupBy}
            onOffset={(value) => change({ offset: value })}
          />
        </Section>
        <Occupancy filters={filters} days={days} />
      </Column>
    </PluginPage>
  );
};

export default Growth;
