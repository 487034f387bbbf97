import type { AnnotationQuery, AnnotationSupport } from '@grafana/data';

import { AnnotationEditor } from './editors/AnnotationEditor';
import { defaultQueries } from './query/defaults';
import { migrateQuery } from './query/migrate';
import type { TidemarkQuery } from './query/types';

const refId = 'Anno';

/** Marks on dashboards: collections that failed, databases that appeared or vanished, sudden changes. */
export const annotationSupport: AnnotationSupport<TidemarkQuery> = {
  QueryEditor: AnnotationEditor,
  getDefaultQuery: () => defaultQueries.events,
  prepareAnnotation: (saved: AnnotationQuery<TidemarkQuery>) => {
    const target =
      saved.target?.queryType === 'events' ? migrateQuery(saved.target) : { refId, ...defaultQueries.events };
    return { ...saved, target };
  },
};
