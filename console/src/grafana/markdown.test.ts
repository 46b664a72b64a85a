import { describe, expect, it } from 'vitest'
import { htmlToMarkdown, readMarkdown } from './markdown.ts'

describe('Markdown', () => {
  it('is read by lines', () => {
    expect(readMarkdown('# One\ntext\nmore\n\n- a\n- b\n  c\n1. x\n---\n```\n# code\n```\nend')).toEqual([
      { kind: 'heading', level: 1, text: 'One' },
      { kind: 'paragraph', text: 'text\nmore' },
      { kind: 'list', isOrdered: false, items: ['a', 'b c'] },
      { kind: 'list', isOrdered: true, items: ['x'] },
      { kind: 'rule', text: '' },
      { kind: 'code', text: '# code' },
      { kind: 'paragraph', text: 'end' },
    ])
    expect(readMarkdown('```\nopen')).toEqual([{ kind: 'code', text: 'open' }])
  })

  it('HTML gives its words, never itself', () => {
    expect(
      htmlToMarkdown(
        '<style>x{}</style><h2 style="a">Title</h2><p>One &amp; <b>two</b><br>three</p><a href="https://e.example/x" onclick="y">link <img src=x></a><script>alert(1)</script>',
      ),
    ).toBe('## Title\n\nOne & **two**\nthree\n\n[link](https://e.example/x)')
    expect(htmlToMarkdown('<a href="javascript:alert(1)">x</a>')).toBe('x')
  })
})
