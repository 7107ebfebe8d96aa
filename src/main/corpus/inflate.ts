// Compressed files as streams of what is in them: gzip and Zstandard, with any number of members or frames.
import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream'
import { constants, createGunzip, createZstdDecompress, type ZstdDecompress } from 'node:zlib'

export type Compression = 'gzip' | 'zstd'

/** What `chunks` decompress to, as it is pulled; broken input throws an error of Node's. */
export function inflated(chunks: AsyncIterable<Buffer>, compression: Compression): AsyncIterable<Buffer> {
  const inflate = compression === 'gzip' ? createGunzip() : new ZstdFrames()
  // the error reaches whoever reads; here it is only kept from being unhandled
  return pipeline(
    Readable.from(chunks, { objectMode: false }),
    inflate,
    () => undefined,
  ) as AsyncIterable<Buffer>
}

/** Files of the largest window zstd can write ("--long=31") open too; memory is taken only where a file asks for it. */
const options = { params: { [constants.ZSTD_d_windowLogMax]: 31 } }

/** Node's stream ends with the first frame when another follows in the same chunk; pzstd and cat write many. */
class ZstdFrames extends Transform {
  #frame: ZstdDecompress | undefined

  override _transform(chunk: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    const frame = (this.#frame ??= this.#open())
    const before = frame.bytesWritten
    frame.write(chunk, () => {
      const taken = frame.bytesWritten - before
      if (taken === chunk.length) return done()
      const next = () => {
        this.#frame = undefined
        this._transform(chunk.subarray(taken), encoding, done)
      }
      if (frame.readableEnded) next()
      else frame.once('end', next)
    })
  }

  override _flush(done: TransformCallback): void {
    if (!this.#frame) return done()
    this.#frame.once('end', done)
    this.#frame.end()
  }

  override _read(size: number): void {
    this.#frame?.resume()
    super._read(size)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#frame?.destroy()
    done(error)
  }

  #open(): ZstdDecompress {
    const frame = createZstdDecompress(options)
    frame.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) frame.pause()
    })
    frame.on('error', (error) => this.destroy(error))
    return frame
  }
}
