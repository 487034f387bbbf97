import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, Stack, useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { Link, useLocation } from 'react-router-dom';

import { choices, choose, readChoices, type Choices } from '../choices';
import { appName, appPages, currentPage } from './navigation';

/** The host's own pages, for what Grafana has around plugins. */
const workbench = [
  { text: 'Explore', url: '/explore' },
  { text: 'Data source', url: '/connections/datasources/edit/tidemark' },
  { text: 'Variables', url: '/workbench/variables' },
  { text: 'Annotations', url: '/workbench/annotations' },
  { text: 'Treemap panel', url: '/workbench/treemap' },
];

/** A bar that says what this is not, a menu, and the page. */
export const Shell = ({ children }: { readonly children: ReactNode }) => {
  const styles = useStyles2(getStyles);
  const { pathname } = useLocation();
  const pages = appPages(readChoices().role);
  const current = currentPage([...pages, ...workbench], pathname);
  const links = (items: typeof pages) =>
    items.map(({ text, url }) => (
      <li key={url}>
        <Link to={url} className={styles.link} aria-current={current?.url === url ? 'page' : undefined}>
          {text}
        </Link>
      </li>
    ));
  return (
    <div className={styles.shell}>
      <header className={styles.bar}>
        <Stack alignItems="center">
          <strong>{appName()}</strong>
          <Badge color="orange" text="Preview" />
          <span className={styles.note}>The real plugin on a stand-in for Grafana. Not for production.</span>
        </Stack>
        <Stack alignItems="center" wrap="wrap">
          <Choice name="theme" label="Theme" />
          <Choice name="language" label="Language" />
          <Choice name="role" label="Role" />
        </Stack>
      </header>
      <div className={styles.body}>
        <nav className={styles.menu} aria-label="Menu">
          <ul className={styles.list}>{links(pages)}</ul>
          <div className={styles.heading}>Around the plugin</div>
          <ul className={styles.list}>{links(workbench)}</ul>
        </nav>
        {children}
      </div>
    </div>
  );
};

const names: Readonly<Record<string, string>> = {
  'en-US': 'English',
  'zh-Hans': '中文（简体）',
  dark: 'Dark',
  light: 'Light',
};

const Choice = ({ name, label }: { readonly name: keyof Choices; readonly label: string }) => {
  const styles = useStyles2(getStyles);
  return (
    <label className={styles.note}>
      {label}{' '}
      <select
        className={styles.select}
        value={readChoices()[name]}
        onChange={({ currentTarget }) => choose({ [name]: currentTarget.value })}
      >
        {choices[name].map((value) => (
          <option key={value} value={value}>
            {names[value] ?? value}
          </option>
        ))}
      </select>
    </label>
  );
};

const getStyles = (theme: GrafanaTheme2) => ({
  shell: css({
    display: 'flex',
    flexDirection: 'column',
    minHeight: '100vh',
    background: theme.colors.background.primary,
  }),
  bar: css({
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'center',
    flexWrap: 'wrap',
    gap: theme.spacing(1),
    padding: theme.spacing(1, 2),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  note: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  select: css({
    width: 'auto',
    height: 'auto',
    background: theme.colors.background.canvas,
    color: theme.colors.text.primary,
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(0.25, 0.5),
  }),
  body: css({
    display: 'flex',
    flexGrow: 1,
    minWidth: 0,
    // On a narrow window the menu is above the page, in lines.
    [theme.breakpoints.down('md')]: { flexDirection: 'column' },
  }),
  menu: css({
    width: 180,
    flexShrink: 0,
    borderRight: `1px solid ${theme.colors.border.weak}`,
    padding: theme.spacing(2, 0),
    [theme.breakpoints.down('md')]: {
      width: 'auto',
      padding: 0,
      borderRight: 0,
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
  }),
  heading: css({
    padding: theme.spacing(2, 2, 0.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    [theme.breakpoints.down('md')]: { paddingTop: theme.spacing(0.5) },
  }),
  list: css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    [theme.breakpoints.down('md')]: { display: 'flex', flexWrap: 'wrap' },
  }),
  link: css({
    display: 'block',
    padding: theme.spacing(0.75, 2),
    color: theme.colors.text.primary,
    '&:hover': { background: theme.colors.action.hover },
    '&[aria-current]': {
      background: theme.colors.action.selected,
      boxShadow: `inset 3px 0 ${theme.colors.primary.border}`,
    },
  }),
});
