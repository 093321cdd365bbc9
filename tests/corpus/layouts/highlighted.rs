//! Settings as highlighters of code show them in HTML: tags between a name, its sign and the value.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "Pygments, Python",
        "<span class=\"n\">ACCESS_KEY</span> <span class=\"o\">=</span> <span class=\"s1\">&#39;{{key-id}}&#39;</span>\n<span class=\"n\">SECRET</span> <span class=\"o\">=</span> <span class=\"s1\">&#39;{{secret}}&#39;</span>\n",
    ),
    Layout::new(
        "Pygments, INI",
        "<span class=\"na\">aws_access_key_id</span><span class=\"w\"> </span><span class=\"o\">=</span><span class=\"w\"> </span><span class=\"s\">{{key-id}}</span>\n<span class=\"na\">aws_secret_access_key</span><span class=\"w\"> </span><span class=\"o\">=</span><span class=\"w\"> </span><span class=\"s\">{{secret}}</span>\n",
    ),
    Layout::new(
        "Pygments, lone secret",
        "<span class=\"nb\">export</span><span class=\"w\"> </span><span class=\"nv\">AWS_SECRET_ACCESS_KEY</span><span class=\"o\">=</span><span class=\"s2\">&quot;{{secret}}&quot;</span>\n",
    ),
    Layout::new(
        "Pygments, JSON, lone secret",
        "<span class=\"nt\">&quot;secretAccessKey&quot;</span><span class=\"p\">:</span><span class=\"w\"> </span><span class=\"s2\">&quot;{{secret}}&quot;</span>\n",
    ),
    Layout::new(
        "highlight.js",
        "<span class=\"hljs-attr\">accessKeyId</span>: <span class=\"hljs-string\">&#x27;{{key-id}}&#x27;</span>,\n<span class=\"hljs-attr\">secretAccessKey</span>: <span class=\"hljs-string\">&#x27;{{secret}}&#x27;</span>\n",
    ),
    Layout::new(
        "highlight.js, lone secret",
        "<span class=\"hljs-attr\">secretAccessKey</span>: <span class=\"hljs-string\">&#x27;{{secret}}&#x27;</span>\n",
    ),
    Layout::new(
        "Prism, lone secret",
        "<span class=\"token literal-property property\">secretAccessKey</span><span class=\"token operator\">:</span> <span class=\"token string\">\"{{secret}}\"</span>\n",
    ),
    Layout::new(
        "Shiki",
        "<span style=\"color:#E1E4E8\">AWS_ACCESS_KEY_ID</span><span style=\"color:#F97583\">=</span><span style=\"color:#9ECBFF\">{{key-id}}</span>\n<span style=\"color:#E1E4E8\">AWS_SECRET_ACCESS_KEY</span><span style=\"color:#F97583\">=</span><span style=\"color:#9ECBFF\">{{secret}}</span>\n",
    ),
    Layout::new(
        "GitHub, lone secret",
        "<td id=\"LC2\" class=\"blob-code blob-code-inner\"><span class=\"pl-v\">AWS_SECRET_ACCESS_KEY</span> <span class=\"pl-c1\">=</span> <span class=\"pl-s\"><span class=\"pl-pds\">&quot;</span>{{secret}}<span class=\"pl-pds\">&quot;</span></span></td>\n",
    ),
    Layout::new(
        "paragraphs",
        "<p>Access Key ID: <strong>{{key-id}}</strong></p><p>Secret Access Key: <strong>{{secret}}</strong></p>\n",
    ),
    Layout::new(
        "words of code",
        "<p>Set <code>AWS_SECRET_ACCESS_KEY</code> to <code>{{secret}}</code>.</p>\n",
    ),
    Layout::new(
        "a list of definitions",
        "<dl><dt>AWS_SECRET_ACCESS_KEY</dt><dd><code>{{secret}}</code></dd></dl>\n",
    ),
    Layout::new(
        "a field of a form",
        "<input type=\"text\" name=\"aws_secret_access_key\" id=\"sk\" class=\"form-control\" value=\"{{secret}}\">\n",
    ),
];
