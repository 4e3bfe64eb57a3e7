// The official JavaScript client's calls, watch and informer. Which cluster it
// speaks with is the kubeconfig's to say; run it with "npm test".
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AppsV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, PatchStrategy, Watch, makeInformer, setHeaderOptions,
} from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);
let namespace;

before(async () => {
  const made = await core.createNamespace({ body: { metadata: { generateName: 'js-' } } });
  namespace = made.metadata.name;
});

after(async () => {
  await core.deleteNamespace({ name: namespace });
});

const configMap = (name, data) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });

// until waits for a condition; the test's own time limit bounds it.
async function until(condition) {
  while (!(await condition())) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('creates, reads, lists, replaces and deletes', { timeout: 30_000 }, async () => {
  const made = await core.createNamespacedConfigMap({ namespace, body: configMap('a', { k: 'v' }) });
  assert.ok(made.metadata.creationTimestamp instanceof Date);
  const read = await core.readNamespacedConfigMap({ namespace, name: 'a' });
  assert.equal(read.metadata.uid, made.metadata.uid);
  read.data.k = 'w';
  await core.replaceNamespacedConfigMap({ namespace, name: 'a', body: read });
  await assert.rejects(core.replaceNamespacedConfigMap({ namespace, name: 'a', body: { ...made, data: { k: 'late' } } }), { code: 409 });
  const list = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=a' });
  assert.deepEqual(list.items.map((item) => item.data), [{ k: 'w' }]);
  await core.deleteNamespacedConfigMap({ namespace, name: 'a' });
  await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'a' }), { code: 404 });
});

test('patches in each way', { timeout: 30_000 }, async () => {
  await core.createNamespacedConfigMap({ namespace, body: configMap('p', { a: '1' }) });
  const patch = (strategy, body, more = {}) =>
    core.patchNamespacedConfigMap({ namespace, name: 'p', body, ...more }, setHeaderOptions('Content-Type', strategy));
  await patch(PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/b', value: '2' }]);
  await patch(PatchStrategy.MergePatch, { data: { a: null } });
  await patch(PatchStrategy.StrategicMergePatch, { data: { c: '3' } });
  const applied = await patch(PatchStrategy.ServerSideApply, configMap('p', { d: '4' }), { fieldManager: 'js' });
  assert.deepEqual(applied.data, { b: '2', c: '3', d: '4' });
});

test('works on objects of any kind', { timeout: 30_000 }, async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  await objects.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace }, stringData: { k: 'v' } });
  const read = await objects.read({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace } });
  assert.equal(read.data.k, Buffer.from('v').toString('base64'));
  await objects.delete({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace } });
});

test('watches', { timeout: 30_000 }, async () => {
  const { metadata } = await core.listNamespacedConfigMap({ namespace });
  const seen = [];
  const watch = await new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`, { resourceVersion: metadata.resourceVersion },
    (type, object) => seen.push(`${type} ${object.metadata.name}`), () => {},
  );
  await core.createNamespacedConfigMap({ namespace, body: configMap('w') });
  await core.deleteNamespacedConfigMap({ namespace, name: 'w' });
  await until(() => seen.includes('DELETED w'));
  watch.abort();
  assert.deepEqual(seen.filter((event) => event.endsWith(' w')), ['ADDED w', 'DELETED w']);
});

test('keeps an informer', { timeout: 60_000 }, async () => {
  const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, () => core.listNamespacedPod({ namespace }));
  const ready = new Set();
  informer.on('update', (pod) => {
    if (pod.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) ready.add(pod.metadata.name);
  });
  await informer.start();
  const labels = { app: 'web' };
  await apps.createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name: 'web' },
      spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } } },
    },
  });
  await until(() => ready.size === 3);
  assert.equal(informer.list().length, 3);
  await informer.stop();
});
