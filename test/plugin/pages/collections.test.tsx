import { expect, jest, test } from '@jest/globals';
import { locationService } from '@grafana/runtime';
import { act, screen, waitFor, within } from '@testing-library/react';

import type { Job, Session } from '../../../plugin/src/data';
import Collections from '../../../plugin/src/pages/Collections';
import { answer, page, refusal } from '../support/fake-exporter';
import { me, renderPage } from '../support/render-page';
import { aRecord, aSession, anInstance, cellsOf, facets, tableOf } from '../support/rows';

const jobs: Job[] = [
  {
    job: 'collect',
    enabled: true,
    schedule: '0 3 * * *',
    next_due_at: '2026-11-23T03:00:00Z',
    last_run: {
      due_at: '2026-11-22T03:00:00Z',
      started_at: '2026-11-22T03:00:00Z',
      finished_at: '2026-11-22T03:00:30Z',
      succeeded: false,
      message: '1 of 3 instances failed',
    },
  },
  { job: 'cleanup', enabled: false, schedule: '0 4 * * *', next_due_at: null, last_run: null },
];

/** As the exporter counts: states, and all of them together. */
const withTotal = (counts: Session['instances']) => ({
  ...counts,
  total: Object.values(counts).reduce((sum, count) => sum + count, 0),
});

const under: Session = aSession({
  status: 'running',
  finished_at: null,
  duration_seconds: null,
  instances: withTotal({ ...aSession().instances, queued: 1, running: 1, succeeded: 2 }),
});

const routes = {
  'GET /facets': () => answer(facets),
  'GET /jobs': () => answer(jobs),
  'GET /instances': () => page([anInstance()]),
  'GET /collections': () => page([aSession()]),
  'GET /collections/7': () => answer(aSession()),
  'GET /collections/7/records': () => page([aRecord()]),
};

const one = { path: 'collections/:sessionId', at: 'collections/7' };

/** The polls of two seconds, without waiting for them. */
const fakeTimers = () => jest.useFakeTimers({ advanceTimers: true });
const letPass = (milliseconds: number) => act(() => jest.advanceTimersByTimeAsync(milliseconds));

test('runs: who began them, what they cover, what became of them', async () => {
  renderPage(Collections, {
    routes: {
      ...routes,
      'GET /collections': () =>
        page([
          aSession({
            id: 8,
            trigger: 'api',
            requested_by: 'token grafana',
            scope: { owner: 'team-orders' },
            status: 'partial',
            instances: { ...aSession().instances, total: 4, succeeded: 1, partial: 1, failed: 2 },
            databases_failed: 3,
          }),
          aSession(),
        ]),
    },
  });
  await screen.findByRole('link', { name: '#8' });
  const table = screen.getAllByRole('table').at(-1);
  if (table === undefined) throw new Error('there is a table');
  const [first, second] = cellsOf(table);
  expect(first?.slice(0, 4)).toEqual(['#8', 'Partial', 'Requesttoken grafana', 'Owner team-orders (4)']);
  expect(first?.slice(5)).toEqual(['30 s', '1', '1', '2', '40', '3']);
  expect(second?.slice(0, 4)).toEqual(['#7', 'Succeeded', 'Schedule', 'Fleet (3)']);
});

test('the schedule: next and last run of each job, and why the last one failed', async () => {
  renderPage(Collections, { routes });
  const cells = cellsOf(await tableOf('Schedule'));
  expect(cells[0]?.slice(0, 2)).toEqual(['Measure the fleet', '0 3 * * *']);
  expect(cells[0]?.slice(4)).toEqual(['Failed', '1 of 3 instances failed']);
  expect(cells[1]).toEqual(['Drop what is past the retention', '0 4 * * *', 'Switched off', '–', '', '']);
});

test('the schedule says in which time zone it is read', async () => {
  renderPage(Collections, {
    routes: { ...routes, 'GET /me': () => answer({ ...me('admin'), timezone: 'Asia/Tokyo' }) },
  });
  const schedule = within(await screen.findByRole('region', { name: 'Schedule' }));
  expect(
    await schedule.findByText('Schedules are in the time zone Asia/Tokyo, dates and times in UTC'),
  ).toBeInTheDocument();
});

test('where the exporter and the reader are in one time zone, it is named once', async () => {
  renderPage(Collections, { routes });
  expect(await screen.findByText('Time zone: UTC')).toBeInTheDocument();
});

test('the status filter is in the address', async () => {
  const { asked } = renderPage(Collections, { routes, at: 'page?status=failed&offset=30' });
  await waitFor(() =>
    expect(asked('GET /collections').map(({ query }) => query)).toContainEqual({
      status: 'failed',
      limit: 30,
      offset: 30,
    }),
  );
});

test('run now: all instances, with the way to the run', async () => {
  const { user, asked } = renderPage(Collections, {
    orgRole: 'Editor',
    routes: { ...routes, 'POST /collections': () => answer({ ...under, id: 9, joined: false }) },
  });
  await user.click(await screen.findByRole('button', { name: 'Run now' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.click(dialog.getByRole('radio', { name: 'One instance' }));
  // Which one has not been said yet.
  expect(dialog.getByRole('button', { name: 'Start' })).toBeDisabled();
  await user.click(dialog.getByRole('radio', { name: 'All instances' }));
  await user.click(dialog.getByRole('button', { name: 'Start' }));

  await waitFor(() => expect(asked('POST /collections')[0]?.body).toEqual({}));
  await waitFor(() => expect(locationService.getLocation().pathname).toBe('/a/tidemark-storage-app/collections/9'));
});

test('run now is refused with a reason', async () => {
  const { user } = renderPage(Collections, {
    orgRole: 'Admin',
    routes: { ...routes, 'POST /collections': () => refusal(409, 'stopping', 'The exporter is stopping. Try later.') },
  });
  await user.click(await screen.findByRole('button', { name: 'Run now' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Start' }));
  expect(await screen.findByText('The exporter is stopping. Try later.')).toBeInTheDocument();
});

test('a viewer cannot run', async () => {
  renderPage(Collections, { routes });
  await screen.findByRole('link', { name: '#7' });
  expect(screen.queryByRole('button', { name: 'Run now' })).not.toBeInTheDocument();
});

test('a run under way: progress, live until it ends, and then its last state', async () => {
  fakeTimers();
  try {
    let session = under;
    let record = aRecord({ status: 'running', databases_measured: 0 });
    const { asked } = renderPage(Collections, {
      ...one,
      routes: {
        ...routes,
        'GET /collections/7': () => answer(session),
        'GET /collections/7/records': () => page([record]),
      },
    });
    const bar = await screen.findByRole('progressbar', { name: '2 of 4 instances' });
    expect(bar).toHaveAttribute('aria-valuenow', '2');
    const table = await tableOf('Instances');
    expect(cellsOf(table)[0]).toContain('Running');

    session = { ...under, instances: { ...under.instances, queued: 0, succeeded: 3 } };
    await letPass(2100);
    expect(await screen.findByRole('progressbar', { name: '3 of 4 instances' })).toBeInTheDocument();

    // It ends right after a look at the records: what became of the last one must be seen all the same.
    await letPass(1000);
    session = aSession();
    record = aRecord();
    await letPass(2100);
    await waitFor(() => expect(screen.queryByRole('progressbar')).not.toBeInTheDocument());
    await waitFor(() => expect(cellsOf(table)[0]).toContain('Succeeded'));

    const looks = asked('GET /collections/7').length;
    await letPass(20_000);
    expect(asked('GET /collections/7')).toHaveLength(looks);
  } finally {
    jest.useRealTimers();
  }
});

test('the list stops looking when the run has ended', async () => {
  fakeTimers();
  try {
    let session = under;
    const { asked } = renderPage(Collections, { routes: { ...routes, 'GET /collections': () => page([session]) } });
    await screen.findByText('Running');
    session = aSession();
    await letPass(2100);
    await screen.findAllByText('Succeeded');
    await letPass(4100);
    const looks = asked('GET /collections').length;
    await letPass(20_000);
    expect(asked('GET /collections')).toHaveLength(looks);
  } finally {
    jest.useRealTimers();
  }
});

test('cancelling asks the exporter, and says that it is ending', async () => {
  let session = under;
  const { user, asked } = renderPage(Collections, {
    ...one,
    orgRole: 'Editor',
    routes: {
      ...routes,
      'GET /collections/7': () => answer(session),
      'POST /collections/7/cancel': () => {
        session = { ...under, cancel_requested_at: '2026-11-22T03:00:10Z' };
        return answer(session);
      },
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Cancel' }));
  expect(await screen.findByRole('button', { name: 'Ending …' })).toBeDisabled();
  expect(asked('POST /collections/7/cancel')).toHaveLength(1);
});

test('an instance that failed opens to its databases and remedies', async () => {
  const { user } = renderPage(Collections, {
    ...one,
    routes: {
      ...routes,
      'GET /collections/7/records': () =>
        page([
          aRecord({
            status: 'partial',
            databases_failed: 1,
            failures: [{ database: 'hr', code: 'permission_denied', message: 'GRANT CONNECT ON DATABASE hr.' }],
            warnings: [{ database: null, code: 'estimated', message: 'Sizes are estimates.' }],
          }),
        ]),
    },
  });
  const table = await tableOf('Instances');
  await user.click(within(table).getByRole('button', { name: /row/i }));
  const [failure, warning] = await screen.findAllByRole('listitem');
  expect(failure).toHaveTextContent('hr: GRANT CONNECT ON DATABASE hr. permission_denied');
  expect(warning).toHaveTextContent('Sizes are estimates. estimated');
  expect(screen.getByText('Attempt 1, by exporter-1')).toBeInTheDocument();
});

test('a run that does not exist', async () => {
  renderPage(Collections, {
    ...one,
    routes: { ...routes, 'GET /collections/7': () => refusal(404, 'not_found', 'There is no collection 7.') },
  });
  expect(await screen.findByRole('alert')).toHaveTextContent('There is no collection 7.');
});
