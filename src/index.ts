export { type CompressOptions, compress } from './compress.ts';
export type { Header } from './container/header.ts';
export { type DecompressOptions, decompress, readHeader } from './decompress.ts';
export { CodecError, type CodecErrorCode } from './errors.ts';
export { evaluateImage, type ImageReport } from './evaluate.ts';
export type { Image } from './image/image.ts';
export { findModel, installedModels, loadModel } from './model/installed-models.ts';
export type { Model } from './model/model.ts';
