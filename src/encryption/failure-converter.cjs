'use strict';

// CommonJS, because the SDK loads this module by `require` in the process and by webpack into the workflow bundle.
const { DefaultFailureConverter } = require('@temporalio/common');

/** Puts messages and stack traces of failures into a payload, so that the codec seals them too. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
