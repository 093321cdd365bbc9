//! More than one credential, or parts that do not belong together.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "prod and dev, interleaved",
        "prod_access_key = {{key-id.0}}\ndev_access_key = {{key-id.1}}\nprod_secret_key = {{secret.0}}\ndev_secret_key = {{secret.1}}\n",
    ),
    Layout::new(
        "prod and dev, crossed",
        "PROD_AWS_ACCESS_KEY_ID={{key-id.0}}\nDEV_AWS_ACCESS_KEY_ID={{key-id.1}}\nDEV_AWS_SECRET_ACCESS_KEY={{secret.1}}\nPROD_AWS_SECRET_ACCESS_KEY={{secret.0}}\n",
    ),
    Layout::new(
        "suffixes 1 and 2, interleaved",
        "AWS_ACCESS_KEY_ID_1={{key-id.0}}\nAWS_ACCESS_KEY_ID_2={{key-id.1}}\nAWS_SECRET_ACCESS_KEY_1={{secret.0}}\nAWS_SECRET_ACCESS_KEY_2={{secret.1}}\n",
    ),
    Layout::new(
        "source and target in camel case, crossed",
        "  \"sourceAccessKey\": \"{{key-id.0}}\",\n  \"targetAccessKey\": \"{{key-id.1}}\",\n  \"targetSecretKey\": \"{{secret.1}}\",\n  \"sourceSecretKey\": \"{{secret.0}}\"\n",
    ),
    Layout::new(
        "IDs first, then secrets, by order",
        "ids = ['{{key-id.0}}', '{{key-id.1}}']\nsecrets = ['{{secret.0}}', '{{secret.1}}']\n",
    ),
    Layout::new(
        "pairs on lines of their own, alternating",
        "access_key: {{key-id.0}}\nsecret_key: {{secret.0}}\naccess_key: {{key-id.1}}\nsecret_key: {{secret.1}}\naccess_key: {{key-id.2}}\nsecret_key: {{secret.2}}\n",
    ),
    Layout::new(
        "pairs alternating, secret first",
        "secret_key: {{secret.0}}\naccess_key: {{key-id.0}}\nsecret_key: {{secret.1}}\naccess_key: {{key-id.1}}\nsecret_key: {{secret.2}}\naccess_key: {{key-id.2}}\n",
    ),
    Layout::new(
        "two IDs, one secret",
        "[{{word}}-a]\naws_access_key_id = {{key-id.0}}\naws_secret_access_key = {{secret.0}}\n\n[{{word}}-b]\naws_access_key_id = {{key-id.1}}\nsource_profile = {{word}}\n",
    ),
    Layout::new(
        "two IDs, one secret, the second has it",
        "[{{word}}-a]\naws_access_key_id = {{key-id.0}}\n\n[{{word}}-b]\naws_access_key_id = {{key-id.1}}\naws_secret_access_key = {{secret.1}}\n",
    ),
    Layout::new(
        "one ID, two secrets",
        "aws_access_key_id = {{key-id.0}}\naws_secret_access_key = {{secret.0}}\nother_aws_secret_access_key = {{secret.1}}\n",
    ),
    Layout::new(
        "ID in one section, secret in the other",
        "[{{word}}-a]\naws_access_key_id = {{key-id}}\n\n[{{word}}-b]\naws_secret_access_key = {{secret}}\n",
    )
    .apart(),
    Layout::new(
        "ID in one object, secret in the other",
        "[\n  {\n    \"name\": \"{{word}}\",\n    \"accessKeyId\": \"{{key-id.0}}\",\n    \"secretAccessKey\": \"{{secret.0}}\"\n  },\n  {\n    \"name\": \"{{word}}\",\n    \"secretAccessKey\": \"{{secret.1}}\"\n  },\n  {\n    \"name\": \"{{word}}\",\n    \"accessKeyId\": \"{{key-id.2}}\"\n  }\n]\n",
    ),
    Layout::new(
        "C# dictionary",
        "new Dictionary<string, string> { {\"AccessKey\", \"{{key-id}}\"}, {\"SecretKey\", \"{{secret}}\"} };\n",
    ),
    Layout::new(
        "C++ map",
        "std::map<std::string, std::string> aws = { {\"access_key\", \"{{key-id}}\"}, {\"secret_key\", \"{{secret}}\"} };\n",
    ),
    Layout::new("Erlang tuples", "[{access_key_id, \"{{key-id}}\"}, {secret_access_key, \"{{secret}}\"}].\n"),
    Layout::new(
        "Erlang binaries",
        "[{access_key_id, <<\"{{key-id}}\">>}, {secret_access_key, <<\"{{secret}}\">>}].\n",
    ),
    Layout::new(
        "JSON, objects of one field",
        "[{\"accessKeyId\": \"{{key-id}}\"}, {\"secretAccessKey\": \"{{secret}}\"}]\n",
    ),
    Layout::new(
        "Go url.Values",
        "url.Values{\"AccessKeyId\": {\"{{key-id}}\"}, \"SecretAccessKey\": {\"{{secret}}\"}}\n",
    ),
    Layout::new("Tcl braces", "set access_key { {{key-id}} }\nset secret_key { {{secret}} }\n"),
    Layout::new("RSpec let", "let(:access_key_id) { '{{key-id}}' }\nlet(:secret) { '{{secret}}' }\n"),
    Layout::new(
        "AKIA beside a token",
        "{\"AccessKeyId\": \"{{key-id}}\", \"SessionToken\": \"{{token}}\"}\n",
    )
    .long_term()
    .apart(),
    Layout::new(
        "the same credential twice",
        "# {{word}}\naws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\n\n# {{word}}\nexport AWS_ACCESS_KEY_ID={{key-id}}\nexport AWS_SECRET_ACCESS_KEY={{secret}}\n",
    ),
    Layout::new(
        "the same key ID three times, one secret",
        "# {{key-id}}\naws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\n# end of {{key-id}}\n",
    ),
    Layout::new(
        "long-term and temporary side by side",
        "[{{word}}]\naws_access_key_id = {{key-id.0}}\naws_secret_access_key = {{secret.0}}\n[{{word}}-mfa]\naws_access_key_id = {{key-id.1}}\naws_secret_access_key = {{secret.1}}\naws_session_token = {{token.1}}\n",
    ),
    Layout::new(
        "settings between ID and secret",
        "access_key = {{key-id}}\n{{settings}}{{settings}}{{settings}}secret_key = {{secret}}\n",
    ),
    Layout::new("a hundred pairs", "  - id: {{key-id.#}}\n    secret: {{secret.#}}\n").times(100),
    Layout::new("fifty pairs on one line", "{{key-id.#}}:{{secret.#}} ").times(50),
    Layout::new(
        "beside a digest",
        "commit {{hex}}\naws_access_key_id = {{key-id}}\nchecksum = {{hex}}\naws_secret_access_key = {{secret}}\nparent {{hex}}\n",
    ),
    Layout::new("unnamed, beside a digest", "deploy {{hex}} {{key-id}} {{secret}} {{hex}}\n"),
];
