import { PluginPage } from '@grafana/runtime';
import React from 'react';

import { Column, Row, Toolbar } from '../../components/Layout';
import { DaysPicker, daysCodec, fleetCodecs, FleetFilters } from '../../components/Filters';
import { useUrlState } from '../../hooks/useUrlState';
import { FleetChart } from './FleetChart';
import { FleetFigures } from './FleetFigures';
import { FullSoon } from './FullSoon';
import { GroupTable } from './GroupTable';
import { LastNight } from './LastNight';
import { TopDatabases } from './TopDatabases';

const codecs = { ...fleetCodecs, days: daysCodec };

/** What a DBA looks at in the morning: how much, what grew, what failed, what fills up. */
const Overview = () => {
  const [{ days, ...filters }, change] = useUrlState(codecs);
  return (
    <PluginPage>
      <Column>
        <Toolbar>
          <DaysPicker value={days} onChange={(value) => change({ days: value })} />
          <FleetFilters value={filters} onChange={change} />
        </Toolbar>
        <FleetFigures days={days} filters={filters} />
        <LastNight filters={filters} />
        <FleetChart days={days} filters={filters} />
        <Row>
          <TopDatabases kind="largest" days={days} filters={filters} />
          <TopDatabases kind="growing" days={days} filters={filters} />
        </Row>
        <FullSoon filters={filters} />
        <Row>
          <GroupTable groupBy="engine" days={days} filters={filters} />
          <GroupTable groupBy="owner" days={days} filters={filters} />
        </Row>
      </Column>
    </PluginPage>
  );
};

export default Overview;
