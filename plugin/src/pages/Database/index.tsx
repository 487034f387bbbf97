import { PluginPage } from '@grafana/runtime';
import React from 'react';

const Database = () => <PluginPage>{null}</PluginPage>;

export default Database;
