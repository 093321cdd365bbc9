//! Source code of many languages.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "Python keyword arguments",
        "s3 = boto3.client(\n    's3',\n    aws_access_key_id='{{key-id}}',\n    aws_secret_access_key='{{secret}}',\n    region_name='{{region}}',\n)\n",
    ),
    Layout::new("Python positional arguments", "session = Session(\"{{key-id}}\", \"{{secret}}\")\n"),
    Layout::new(
        "Python positional arguments with token",
        "session = boto3.Session('{{key-id}}', '{{secret}}', '{{token}}', '{{region}}')\n",
    ),
    Layout::new("Python constants", "AWS_ACCESS_KEY = '{{key-id}}'\nAWS_SECRET = '{{secret}}'\n"),
    Layout::new(
        "Python environ",
        "os.environ['AWS_ACCESS_KEY_ID'] = '{{key-id}}'\nos.environ[\"AWS_SECRET_ACCESS_KEY\"] = \"{{secret}}\"\n",
    ),
    Layout::new(
        "Python getenv with default",
        "key = os.getenv('AWS_ACCESS_KEY_ID', '{{key-id}}')\nsecret = os.getenv('AWS_SECRET_ACCESS_KEY', '{{secret}}')\n",
    ),
    Layout::new("Python dict", "CONFIG = {'aws': {'key': '{{key-id}}', 'secret': '{{secret}}'}}\n"),
    Layout::new("Python tuple", "CREDS = ('{{key-id}}', '{{secret}}')\n"),
    Layout::new("Python unpacking", "access_key, secret_key = '{{key-id}}', '{{secret}}'\n"),
    Layout::new(
        "Java BasicAWSCredentials",
        "AWSCredentials {{word}} = new BasicAWSCredentials(\"{{key-id}}\", \"{{secret}}\");\n",
    ),
    Layout::new(
        "Java arguments on lines of their own",
        "        new BasicAWSCredentials(\n            \"{{key-id}}\",\n            \"{{secret}}\"\n        )\n",
    ),
    Layout::new(
        "Java constants",
        "    private static final String ACCESS_KEY = \"{{key-id}}\";\n    private static final String SECRET_KEY = \"{{secret}}\";\n",
    ),
    Layout::new(
        "Java annotations",
        "    @Value(\"${aws.accessKey:{{key-id}}}\")\n    private String accessKey;\n    @Value(\"${aws.secretKey:{{secret}}}\")\n    private String secretKey;\n",
    ),
    Layout::new("Kotlin", "val credentials = AwsBasicCredentials.create(\"{{key-id}}\", \"{{secret}}\")\n"),
    Layout::new(
        "Scala",
        "sc.hadoopConfiguration.set(\"fs.s3a.access.key\", \"{{key-id}}\")\nsc.hadoopConfiguration.set(\"fs.s3a.secret.key\", \"{{secret}}\")\n",
    ),
    Layout::new(
        "JavaScript object",
        "AWS.config.update({ accessKeyId: '{{key-id}}', secretAccessKey: '{{secret}}', region: '{{region}}' });\n",
    ),
    Layout::new(
        "JavaScript, minified",
        "{{word}}.config={a:1,accessKeyId:\"{{key-id}}\",secretAccessKey:\"{{secret}}\",b:!0},function(t){return t}(e);\n",
    ),
    Layout::new(
        "TypeScript process.env",
        "const key = process.env.AWS_ACCESS_KEY_ID || '{{key-id}}';\nconst secret = process.env.AWS_SECRET_ACCESS_KEY ?? '{{secret}}';\n",
    ),
    Layout::new(
        "JavaScript template strings",
        "const accessKey = `{{key-id}}`;\nconst secretKey = `{{secret}}`;\n",
    ),
    Layout::new(
        "Go struct",
        "\treturn aws.Credentials{\n\t\tAccessKeyID:     \"{{key-id}}\",\n\t\tSecretAccessKey: \"{{secret}}\",\n\t}, nil\n",
    ),
    Layout::new(
        "Go, positional, empty token",
        "\tcreds := credentials.NewStaticCredentials(\"{{key-id}}\", \"{{secret}}\", \"\")\n",
    ),
    Layout::new("Go constants", "const (\n\taccessKey = \"{{key-id}}\"\n\tsecretKey = `{{secret}}`\n)\n"),
    Layout::new(
        "Go Setenv",
        "\tos.Setenv(\"AWS_ACCESS_KEY_ID\", \"{{key-id}}\")\n\tos.Setenv(\"AWS_SECRET_ACCESS_KEY\", \"{{secret}}\")\n",
    ),
    Layout::new(
        "Ruby hash rocket",
        "Aws.config.update(:access_key_id => '{{key-id}}', :secret_access_key => '{{secret}}')\n",
    ),
    Layout::new("Ruby positional", "credentials: Aws::Credentials.new('{{key-id}}', '{{secret}}'),\n"),
    Layout::new(
        "Ruby ENV",
        "ENV['AWS_ACCESS_KEY_ID'] ||= '{{key-id}}'\nENV['AWS_SECRET_ACCESS_KEY'] ||= '{{secret}}'\n",
    ),
    Layout::new(
        "PHP array",
        "    'credentials' => [\n        'key'    => '{{key-id}}',\n        'secret' => '{{secret}}',\n    ],\n",
    ),
    Layout::new("PHP define", "define('AWS_KEY', '{{key-id}}');\ndefine('AWS_SECRET_KEY', '{{secret}}');\n"),
    Layout::new(
        "PHP env default",
        "'key' => env('AWS_ACCESS_KEY_ID', '{{key-id}}'),\n'secret' => env('AWS_SECRET_ACCESS_KEY', '{{secret}}'),\n",
    ),
    Layout::new(
        "C#",
        "var client = new AmazonS3Client(\"{{key-id}}\", \"{{secret}}\", RegionEndpoint.USEast1);\n",
    ),
    Layout::new(
        "C# constants",
        "    private const string AwsAccessKey = \"{{key-id}}\";\n    private const string AwsSecretKey = @\"{{secret}}\";\n",
    ),
    Layout::new("C macros", "#define AWS_ACCESS_KEY \"{{key-id}}\"\n#define AWS_SECRET_KEY \"{{secret}}\"\n"),
    Layout::new("C++", "Aws::Auth::AWSCredentials credentials(\"{{key-id}}\", \"{{secret}}\");\n"),
    Layout::new(
        "Rust",
        "let credentials = Credentials::new(\"{{key-id}}\", \"{{secret}}\", None, None, \"{{word}}\");\n",
    ),
    Layout::new(
        "Swift",
        "AWSStaticCredentialsProvider(accessKey: \"{{key-id}}\", secretKey: \"{{secret}}\")\n",
    ),
    Layout::new(
        "Objective-C",
        "NSString *accessKey = @\"{{key-id}}\";\nNSString *secretKey = @\"{{secret}}\";\n",
    ),
    Layout::new(
        "Perl",
        "my $s3 = Amazon::S3->new({ aws_access_key_id => '{{key-id}}', aws_secret_access_key => '{{secret}}' });\n",
    ),
    Layout::new(
        "R",
        "Sys.setenv(\"AWS_ACCESS_KEY_ID\" = \"{{key-id}}\",\n           \"AWS_SECRET_ACCESS_KEY\" = \"{{secret}}\")\n",
    ),
    Layout::new(
        "Redshift COPY",
        "copy {{word}} from 's3://{{word}}' credentials 'aws_access_key_id={{key-id}};aws_secret_access_key={{secret}}' csv;\n",
    ),
    Layout::new("Snowflake stage", "CREDENTIALS=(AWS_KEY_ID='{{key-id}}' AWS_SECRET_KEY='{{secret}}')\n"),
    Layout::new(
        "Groovy closure",
        "    aws {\n        accessKey '{{key-id}}'\n        secretKey '{{secret}}'\n    }\n",
    ),
    Layout::new(
        "two clients",
        "a = Client(access_key='{{key-id.0}}', secret_key='{{secret.0}}')\nb = Client(access_key='{{key-id.1}}', secret_key='{{secret.1}}')\n",
    ),
    Layout::new(
        "two clients, positional",
        "{{word}} = Session('{{key-id.0}}', '{{secret.0}}')\n{{word}} = Session('{{key-id.1}}', '{{secret.1}}')\n",
    ),
];
