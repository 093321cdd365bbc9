//! URLs with credentials in them, and signed requests.

use crate::corpus::layout::Layout;
use crate::corpus::style::Style;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("s3n://ID:SECRET@bucket", "input: s3n://{{key-id}}:{{secret}}@{{word}}/{{word}}.csv\n").secret(Style::Percent),
    Layout::new("s3n://ID:SECRET@bucket, not encoded", "hadoop fs -ls s3n://{{key-id}}:{{secret}}@{{word}}-{{word}}/\n"),
    Layout::new("s3a://ID:SECRET@bucket, lower case", "\"s3a://{{key-id}}:{{secret}}@{{word}}\"\n").secret(Style::PercentLower),
    Layout::new("sqs://ID:SECRET@", "BROKER_URL = 'sqs://{{key-id}}:{{secret}}@'\n").secret(Style::Percent),
    Layout::new("https://ID:SECRET@host", "git clone https://{{key-id}}:{{secret}}@{{word}}.example.com/{{word}}\n").secret(Style::Percent),
    Layout::new(
        "two URLs",
        "FROM=s3://{{key-id.0}}:{{secret.0}}@{{word}}\nTO=s3://{{key-id.1}}:{{secret.1}}@{{word}}\n",
    )
    .secret(Style::Percent),
    Layout::new("query", "https://{{word}}.com/?aws_access_key_id={{key-id}}&aws_secret_access_key={{secret}}\n").secret(Style::Percent),
    Layout::new(
        "presigned URL",
        "https://{{word}}.s3.amazonaws.com/{{word}}.zip?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={{key-id}}%2F20250102%2F{{region}}%2Fs3%2Faws4_request&X-Amz-Date=20250102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature={{hex}}{{hex}}\n",
    )
    .signed(),
    Layout::new(
        "presigned URL, &amp;",
        "<a href=\"https://{{word}}.s3.{{region}}.amazonaws.com/{{word}}?X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential={{key-id}}/20250102/{{region}}/s3/aws4_request&amp;X-Amz-Date=20250102T030405Z&amp;X-Amz-Expires=86400&amp;X-Amz-Signature={{hex}}\">\n",
    )
    .signed(),
    Layout::new(
        "presigned URL in JSON, \\u0026",
        "{\"url\":\"https://{{word}}.s3.amazonaws.com/{{word}}?X-Amz-Credential={{key-id}}%2F20250102%2F{{region}}%2Fs3%2Faws4_request\\u0026X-Amz-Date=20250102T030405Z\\u0026X-Amz-Expires=600\"}\n",
    )
    .signed(),
    Layout::new(
        "SigV4 header",
        "Authorization: AWS4-HMAC-SHA256 Credential={{key-id}}/20250102/{{region}}/{{word}}/aws4_request, SignedHeaders=host;x-amz-date, Signature={{hex}}{{hex}}\n",
    )
    .signed(),
    Layout::new(
        "SigV2 query",
        "https://{{word}}.s3.amazonaws.com/{{word}}?AWSAccessKeyId={{key-id}}&Expires=1767225600&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D\n",
    )
    .signed(),
    Layout::new(
        "SigV2 query, ID last",
        "https://{{word}}.s3.amazonaws.com/{{word}}?Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D&Expires=1767225600&AWSAccessKeyId={{key-id}}\n",
    )
    .signed(),
];
