// A child process that serves the test contract to its parent, for the conformance tests.
import { Service } from '../../../src/shared/wire/service.ts'
import { parentPort } from '../../../src/main/wire/parent-port.ts'
import { testContract, testHandlers } from './contract.ts'

new Service(testContract, testHandlers(), { app: 'child' }).connect(parentPort())
