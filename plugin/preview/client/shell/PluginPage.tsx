import { css } from '@emotion/css';
import type { GrafanaTheme2, NavModelItem } from '@grafana/data';
import type { PluginPageProps } from '@grafana/runtime';
import { Stack, Tab, TabsBar, Text, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';
import { useLocation } from 'react-router-dom';

import { readChoices } from '../choices';
import { appName, appPages, currentPage } from './navigation';

/** Grafana's frame of a plugin's page: the way to it, heading, actions and tabs. */
export const PluginPage = ({ children, pageNav, actions, info, subTitle, renderTitle }: PluginPageProps) => {
  const styles = useStyles2(getStyles);
  const section = currentPage(appPages(readChoices().role), useLocation().pathname);
  const title = pageNav?.text ?? section?.text ?? appName();
  const tabs = pageNav?.children?.filter(({ hideFromTabs }) => hideFromTabs !== true) ?? [];
  const parents = ancestors(pageNav);
  if (pageNav !== undefined && section !== undefined && !parents.some(({ url }) => url === section.url)) {
    parents.unshift(section);
  }
  document.title = `${title} - ${appName()} (preview)`;
  return (
    <main className={styles.page}>
      {parents.length > 0 && (
        <nav aria-label="Breadcrumbs">
          <Stack gap={1} wrap="wrap">
            {parents.map(({ text, url }) => (
              <React.Fragment key={text}>
                <TextLink href={url ?? ''} inline={false} color="secondary">
                  {text}
                </TextLink>
                <span aria-hidden>/</span>
              </React.Fragment>
            ))}
            <span className={styles.heading}>{title}</span>
          </Stack>
        </nav>
      )}
      <Stack justifyContent="space-between" alignItems="flex-start" wrap="wrap">
        <div className={styles.heading}>
          <Stack alignItems="center">
            {pageNav?.img !== undefined && <img className={styles.image} src={pageNav.img} alt="" />}
            {renderTitle?.(title) ?? <Text element="h1">{title}</Text>}
          </Stack>
          {(subTitle ?? pageNav?.subTitle) !== undefined && (
            <div className={styles.subTitle}>{subTitle ?? pageNav?.subTitle}</div>
          )}
        </div>
        <Stack wrap="wrap" alignItems="center" gap={3}>
          {info?.map(({ label, value }) => (
            <div key={label}>
              <div className={styles.subTitle}>{label}</div>
              <div>{value}</div>
            </div>
          ))}
          {actions}
        </Stack>
      </Stack>
      {tabs.length > 0 && (
        <TabsBar>
          {tabs.map(({ text, active, url, icon, tabSuffix: Suffix }) => (
            <Tab key={text} label={text} active={active} href={url} icon={icon as never} suffix={Suffix as never} />
          ))}
        </TabsBar>
      )}
      <div className={styles.content}>{children}</div>
    </main>
  );
};

function ancestors(item: NavModelItem | undefined): { text: string; url?: string }[] {
  const parent = item?.parentItem;
  return parent === undefined ? [] : [...ancestors(parent), { text: parent.text, url: parent.url }];
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    padding: theme.spacing(3),
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(2),
    minWidth: 0,
    flexGrow: 1,
    [theme.breakpoints.down('md')]: { padding: theme.spacing(2) },
  }),
  heading: css({ minWidth: 0, overflowWrap: 'anywhere' }),
  content: css({ minWidth: 0 }),
  subTitle: css({ color: theme.colors.text.secondary }),
  image: css({ width: 32, height: 32 }),
});
