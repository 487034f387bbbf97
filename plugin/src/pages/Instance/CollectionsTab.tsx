import { t } from '@grafana/i18n';
import React from 'react';

import { QueryStates } from '../../components/QueryStates';
import { RecordsTable } from '../../components/RecordsTable';
import { Section } from '../../components/Section';
import { Empty } from '../../components/States';
import { useInstanceRecords } from '../../data/hooks';
import { wholeNumber } from '../../hooks/urlCodecs';
import { useUrlState } from '../../hooks/useUrlState';

const codecs = { offset: wholeNumber(0) };
const limit = 50;

/** Every attempt to measure the instance, the newest first. */
export const CollectionsTab = ({ instanceId }: { readonly instanceId: number }) => {
  const [{ offset }, change] = useUrlState(codecs);
  const query = useInstanceRecords(instanceId, { limit, offset });
  return (
    <Section title={t('instance.history', 'History of collections')}>
      <QueryStates
        query={query}
        isEmpty={({ data }) => data.length === 0}
        empty={<Empty message={t('instance.no-history', 'The instance has not been measured yet')} />}
      >
        {({ data, page }) => (
          <RecordsTable by="session" rows={data} paging={{ ...page, onOffset: (value) => change({ offset: value }) }} />
        )}
      </QueryStates>
    </Section>
  );
};
