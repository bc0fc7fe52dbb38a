import { describe, expect, it } from 'vitest';
import { isAllowedHost, isSecretSafe } from '../../../src/providers/wire/destination.js';

describe('a safe destination', () => {
  it.each([
    'https://example.com',
    'http://127.0.0.1:80',
    'http://127.9.8.7',
    'http://[::1]:1/',
    'http://localhost:3000',
    'http://LOCALHOST',
  ])('is %s', (url) => {
    expect(isSecretSafe(new URL(url))).toBe(true);
  });

  it.each([
    'http://example.com',
    'http://128.0.0.1',
    'http://[::2]/',
    'ws://localhost',
    'https://a@example.com',
  ])('is not %s', (url) => {
    expect(isSecretSafe(new URL(url))).toBe(false);
  });
});

describe('the list of allowed hosts', () => {
  it.each([
    ['https://api.example.com/x', 'api.example.com'],
    ['https://api.example.com:8443/x', 'api.example.com'],
    ['https://api.example.com:8443/x', 'api.example.com:8443'],
    ['https://api.example.com/x', 'api.example.com:443'],
    ['http://127.0.0.1/x', '127.0.0.1:80'],
    ['https://api.example.com/x', ' API.Example.com '],
    ['https://a.b.example.com/x', '*.example.com'],
    ['http://[::1]:99/x', '[::1]:99'],
  ])('lets %s through by %s', (url, entry) => {
    expect(isAllowedHost(new URL(url), [entry])).toBe(true);
  });

  it.each([
    ['https://api.example.com/x', 'example.com'],
    ['https://api.example.com/x', 'api.example.com:8443'],
    ['https://example.com/x', '*.example.com'],
    ['https://badexample.com/x', '*.example.com'],
    ['https://example.com.evil.org/x', 'example.com'],
    ['https://example.com/x', '*'],
    ['https://example.com/x', ''],
  ])('stops %s by %j', (url, entry) => {
    expect(isAllowedHost(new URL(url), [entry])).toBe(false);
  });

  it('stops every host when it is empty', () => {
    expect(isAllowedHost(new URL('https://example.com'), [])).toBe(false);
  });
});
