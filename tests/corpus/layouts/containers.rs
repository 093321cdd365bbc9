//! Dockerfiles, compose files, command lines of container engines, Kubernetes.

use crate::corpus::layout::Layout;
use crate::corpus::style::Style;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new(
        "Dockerfile ENV with =",
        "FROM alpine:3\nENV AWS_ACCESS_KEY_ID={{key-id}} \\\n    AWS_SECRET_ACCESS_KEY={{secret}}\nRUN {{word}}\n",
    ),
    Layout::new(
        "Dockerfile ENV with a space",
        "FROM alpine:3\nENV AWS_ACCESS_KEY_ID {{key-id}}\nENV AWS_SECRET_ACCESS_KEY {{secret}}\n",
    ),
    Layout::new("Dockerfile ARG", "ARG AWS_ACCESS_KEY_ID=\"{{key-id}}\"\nARG AWS_SECRET_ACCESS_KEY=\"{{secret}}\"\n"),
    Layout::new(
        "docker-compose, map",
        "services:\n  {{word}}:\n    image: {{word}}:{{n}}\n    environment:\n      AWS_ACCESS_KEY_ID: {{key-id}}\n      AWS_SECRET_ACCESS_KEY: {{secret}}\n",
    ),
    Layout::new(
        "docker-compose, list",
        "services:\n  {{word}}:\n    environment:\n      - AWS_ACCESS_KEY_ID={{key-id}}\n      - AWS_SECRET_ACCESS_KEY={{secret}}\n",
    ),
    Layout::new(
        "docker run -e",
        "docker run -e AWS_ACCESS_KEY_ID={{key-id}} -e AWS_SECRET_ACCESS_KEY={{secret}} {{word}}/{{word}}\n",
    ),
    Layout::new(
        "Kubernetes env list",
        "          env:\n            - name: AWS_ACCESS_KEY_ID\n              value: {{key-id}}\n            - name: AWS_SECRET_ACCESS_KEY\n              value: {{secret}}\n",
    ),
    Layout::new(
        "Kubernetes env list, quoted, with token",
        "        env:\n        - name: AWS_ACCESS_KEY_ID\n          value: \"{{key-id}}\"\n        - name: AWS_SECRET_ACCESS_KEY\n          value: \"{{secret}}\"\n        - name: AWS_SESSION_TOKEN\n          value: \"{{token}}\"\n",
    ),
    Layout::new(
        "Kubernetes Secret",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{word}}-aws\ntype: Opaque\ndata:\n  AWS_ACCESS_KEY_ID: {{key-id}}\n  AWS_SECRET_ACCESS_KEY: {{secret}}\n",
    )
    .all(Style::Base64),
    Layout::new(
        "Kubernetes Secret, values from echo",
        "kind: Secret\ndata:\n  access-key: {{key-id}}\n  secret-key: {{secret}}\n",
    )
    .all(Style::Base64Line),
    Layout::new(
        "Kubernetes Secret, secret first, in JSON",
        "{\"kind\":\"Secret\",\"data\":{\"secretAccessKey\":\"{{secret}}\",\"accessKeyId\":\"{{key-id}}\"}}\n",
    )
    .all(Style::Base64),
    Layout::new(
        "Kubernetes Secret with token",
        "kind: Secret\ndata:\n  AWS_ACCESS_KEY_ID: {{key-id}}\n  AWS_SECRET_ACCESS_KEY: {{secret}}\n  AWS_SESSION_TOKEN: {{token}}\n",
    )
    .all(Style::Base64),
    Layout::new(
        "Kubernetes Secret, stringData",
        "kind: Secret\nstringData:\n  AWS_ACCESS_KEY_ID: {{key-id}}\n  AWS_SECRET_ACCESS_KEY: {{secret}}\n",
    ),
    Layout::new(
        "two Kubernetes Secrets",
        "---\nkind: Secret\nmetadata:\n  name: {{word}}-#\ndata:\n  AWS_ACCESS_KEY_ID: {{key-id.#}}\n  AWS_SECRET_ACCESS_KEY: {{secret.#}}\n",
    )
    .all(Style::Base64)
    .times(2),
    Layout::new(
        "Helm --set",
        "helm install {{word}} --set aws.accessKeyId={{key-id}},aws.secretAccessKey={{secret}}\n",
    ),
];
