// Electron entry: binds the shell to Electron, the only place that does.
import * as electron from 'electron'
import { startShell } from './shell/start.ts'

void startShell(electron)
