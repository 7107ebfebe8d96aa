// A process that opens a database with slow migrations, racing others for the same file.
import { openForWriting } from '../../../src/main/store/database.ts'

const steps = ['one', 'two', 'three', 'four'].map((table) => ({
  name: table,
  up: (db: { exec(sql: string): unknown }) => {
    db.exec(`CREATE TABLE ${table} (x)`)
    // long enough for the others to arrive
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  },
}))
openForWriting(process.argv[2] ?? '', steps).close()
