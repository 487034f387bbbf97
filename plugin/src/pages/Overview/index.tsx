import { PluginPage } from '@grafana/runtime';
import React from 'react';

const Overview = () => <PluginPage>{null}</PluginPage>;

export default Overview;
